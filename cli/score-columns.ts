import { type CsvRecord, InputError } from "./csv.ts";

/** Which columns hold what. Features are the numeric ones that are left. */
export type Columns = {
  entity: number;
  t: number;
  split: number;
  features: { name: string; at: number }[];
  count: number;
};

/** One row as it is scored: `values` in the order of the features, NaN where a cell is empty. */
export type ScoreRow = {
  line: number;
  entity: string;
  t: string;
  atMs: number;
  train: boolean;
  values: number[];
};

/** Columns of these names say what is to be found: they are never looked at. */
const ANSWERS =
  /^(is_?|ground_?truth_?)?(label|labels|anomaly|anomalous|attack|attack_(id|type|kind)|event|event_id|anomaly_(id|type|kind|label))$/i;
const MISSING = /^(|nan|na|n\/a|null|none|-?inf(inity)?)$/i;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INSTANT = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i;
/** 1970-01-05 was a Monday: a step counts from a Monday 00:00. */
const MONDAY_MS = 4 * 86_400_000;

/** Reads the header. @throws InputError where a column is missing or there twice. */
export function readHeader({ line, cells }: CsvRecord): {
  names: string[];
  entity: number;
  t: number;
  split: number;
} {
  const names = cells.map((cell) => cell.trim());
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new InputError(`line ${line}: the column "${twice}" is there twice`);
  const [entity = -1, t = -1, split = -1] = ["entity", "t", "split"].map((name) => {
    const at = names.indexOf(name);
    if (at < 0) throw new InputError(`line ${line}: the column "${name}" is missing`);
    return at;
  });
  return { names, entity, t, split };
}

/**
 * Chooses the features: each other column whose first filled cell is a number. A column that is text, or is named as
 * an answer (label, attack …), is left out; `leftOut` says which and why.
 */
export function chooseColumns(
  { names, entity, t, split }: ReturnType<typeof readHeader>,
  firstFilled: readonly (string | undefined)[],
): Columns & { leftOut: string[] } {
  const leftOut: string[] = [];
  const features = names.flatMap((name, at) => {
    if (at === entity || at === t || at === split) return [];
    const cell = firstFilled[at];
    const why = ANSWERS.test(name)
      ? "it names what is to be found"
      : cell === undefined
        ? "it is empty"
        : NUMBER.test(cell)
          ? null
          : "it is not numeric";
    if (why === null) return [{ name, at }];
    leftOut.push(`"${name}" (${why})`);
    return [];
  });
  if (features.length === 0) throw new InputError("there is no column of numbers to score by");
  return { entity, t, split, features, count: names.length, leftOut };
}

/** Whether a cell is filled: neither empty nor a word for "no value". */
export function isFilled(cell: string): boolean {
  return !MISSING.test(cell.trim());
}

/** Reads one row. @throws InputError naming the line and the column. */
export function readRow({ line, cells }: CsvRecord, columns: Columns, time: TimeReader): ScoreRow {
  if (cells.length !== columns.count)
    throw new InputError(`line ${line}: ${cells.length} cells where the header has ${columns.count}`);
  const entity = cells[columns.entity] ?? "";
  if (entity === "") throw new InputError(`line ${line}: the entity is empty`);
  const t = cells[columns.t] ?? "";
  const values = columns.features.map(({ name, at }) => {
    const cell = (cells[at] ?? "").trim();
    if (NUMBER.test(cell)) {
      const value = Number(cell);
      return Number.isFinite(value) ? value : Number.NaN;
    }
    if (MISSING.test(cell)) return Number.NaN;
    throw new InputError(`line ${line}: "${cell.slice(0, 40)}" in the column "${name}" is not a number`);
  });
  const train = (cells[columns.split] ?? "").trim() === "train";
  return { line, entity, t, atMs: time(t.trim(), line), train, values };
}

export type TimeReader = (t: string, line: number) => number;

/** Reads `t`: an integer of steps since a Monday 00:00, or an ISO instant (UTC where it names no offset); not both. */
export function timeReader(stepMs: number): TimeReader {
  let kind: "step" | "instant" | null = null;
  return (t, line) => {
    const own = /^[+-]?\d{1,15}$/.test(t) ? "step" : INSTANT.test(t) ? "instant" : null;
    const atMs =
      own === "step"
        ? MONDAY_MS + Number(t) * stepMs
        : own === "instant"
          ? Date.parse(withOffset(t))
          : Number.NaN;
    if (own === null || !Number.isSafeInteger(Math.round(atMs)))
      throw new InputError(
        `line ${line}: t is "${t.slice(0, 40)}", neither an ISO instant nor an integer step`,
      );
    if (kind !== null && kind !== own)
      throw new InputError(`line ${line}: t is "${t}", an ${own} where the rows before have an ${kind}`);
    kind = own;
    return atMs;
  };
}

function withOffset(t: string): string {
  const joined = t.replace(" ", "T");
  if (joined.length === 10) return `${joined}T00:00:00Z`;
  return /(Z|[+-]\d\d:?\d\d)$/i.test(joined.slice(11))
    ? joined.replace(/([+-]\d\d)(\d\d)$/, "$1:$2")
    : `${joined}Z`;
}
