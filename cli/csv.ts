import { createReadStream } from "node:fs";

/** A record of a CSV file and the line that it starts on. */
export type CsvRecord = { line: number; cells: string[] };

/** What is wrong with an input, in one line. */
export class InputError extends Error {}

/** A record longer than this is a quote that was never closed. */
const RECORD_CHARS_MAX = 4_000_000;

/**
 * Reads a CSV file (RFC 4180: quoted cells may hold commas, quotes and line ends; CRLF or LF; a byte order mark is no
 * part of it) in lists of records, without holding more of it than one piece. Empty lines are left out.
 *
 * @throws InputError naming the line, where a quote is not closed or stands in the middle of a cell.
 */
export async function* readCsv(file: string): AsyncGenerator<CsvRecord[]> {
  let rest = "";
  let line = 1;
  let first = true;
  for await (const piece of createReadStream(file, { encoding: "utf8", highWaterMark: 1 << 20 })) {
    const text: string = rest + (first && piece.startsWith("\uFEFF") ? piece.slice(1) : piece);
    first = false;
    const read = records(text, line, false);
    yield read.records;
    rest = text.slice(read.end);
    line = read.line;
    if (rest.length > RECORD_CHARS_MAX)
      throw new InputError(
        `line ${line}: a record longer than ${RECORD_CHARS_MAX} characters; is a quote not closed?`,
      );
  }
  yield records(rest, line, true).records;
}

/** The whole records of a text; `last` where it ends with the file. */
function records(
  text: string,
  startLine: number,
  last: boolean,
): { records: CsvRecord[]; end: number; line: number } {
  const found: CsvRecord[] = [];
  let line = startLine;
  let at = 0;
  while (at < text.length) {
    let end = text.indexOf("\n", at);
    if (end < 0 && !last) break;
    if (end < 0) end = text.length;
    const quote = text.indexOf('"', at);
    if (quote < 0 || quote >= end) {
      const bare = text.slice(at, text[end - 1] === "\r" && end > at ? end - 1 : end);
      if (bare !== "") found.push({ line, cells: bare.split(",") });
      at = end + 1;
      line++;
      continue;
    }
    const record = quotedRecord(text, at, line, last);
    if (!record) break;
    found.push({ line, cells: record.cells });
    line += record.lines;
    at = record.end;
  }
  return { records: found, end: Math.min(at, text.length), line };
}

/** One record with quoted cells, or null where its end is not in the text yet. */
function quotedRecord(text: string, from: number, line: number, last: boolean) {
  const cells: string[] = [];
  let at = from;
  for (;;) {
    let cell = "";
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      // A quote at the end of the piece may be the first half of a doubled one.
      if (close < 0 || (close + 1 >= text.length && !last)) {
        if (last) throw new InputError(`line ${line}: a quote is not closed`);
        return null;
      }
      cell = text.slice(at + 1, close).replaceAll('""', '"');
      at = close + 1;
    } else {
      const end = bareEnd(text, at);
      cell = text.slice(at, end);
      if (cell.includes('"')) throw new InputError(`line ${line}: a quote in the middle of a cell`);
      at = end;
    }
    if (text[at] === "\r" && (text[at + 1] === "\n" || (at + 1 === text.length && last))) at++;
    if (text[at] !== "," && text[at] !== "\n" && at < text.length) {
      if (at + 1 >= text.length && !last) return null;
      throw new InputError(`line ${line}: something stands after a closing quote`);
    }
    cells.push(cell);
    if (at >= text.length && !last) return null;
    if (text[at++] === ",") continue;
    return { cells, end: at, lines: text.slice(from, at).split("\n").length - (at > text.length ? 0 : 1) };
  }
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function bareEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== "," && text[at] !== "\n" && text[at] !== "\r") at++;
  return at;
}

/** A cell as it is written: quoted where it has to be. */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
