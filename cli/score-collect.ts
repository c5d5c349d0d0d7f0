import type { Series } from "../server/layers/monitoring/engine/evidence/series.ts";
import { type CsvRecord, InputError, readCsv } from "./csv.ts";
import {
  type Columns,
  chooseColumns,
  isFilled,
  readHeader,
  readRow,
  type ScoreRow,
  timeReader,
} from "./score-columns.ts";

/** Everything of one entity that must be known before its rows are scored. */
export type Entity = {
  train: Series;
  /** Rows to score that do not stand in order of time in the file, as read; null where they do. */
  unordered: { atMs: Float64Array; values: Float64Array } | null;
  toScore: number;
};
export type Collected = { columns: Columns; leftOut: string[]; entities: Map<string, Entity>; rows: number };

type Growing = { atMs: number[]; values: Float64Array; count: number };
type Gathering = { train: Growing; held: Growing; lastMs: number; ordered: boolean; toScore: number };

/** Column kinds are decided by the first rows, before any row is taken. */
const LOOKAHEAD_RECORDS = 20_000;

/**
 * Reads a file once: keeps the rows that are learnt from, and those to score of entities whose times go backwards.
 *
 * @throws InputError naming the line.
 */
export async function collect(
  file: string,
  stepMs: number,
  progress: (rows: number) => void,
): Promise<Collected> {
  const found = new Map<string, Gathering>();
  const time = timeReader(stepMs);
  let chosen: ReturnType<typeof chooseColumns> | null = null;
  let header: ReturnType<typeof readHeader> | null = null;
  let waiting: CsvRecord[] = [];
  let rows = 0;
  const take = (record: CsvRecord) => {
    if (!chosen) return;
    keep(found, readRow(record, chosen, time), chosen.features.length);
    rows++;
  };
  const choose = () => {
    if (header) chosen = chooseColumns(header, firstFilled(waiting, header.names.length));
    waiting.forEach(take);
    waiting = [];
  };
  for await (const records of readCsv(file)) {
    for (const record of records) {
      if (!header) header = readHeader(record);
      else if (chosen) take(record);
      else if (waiting.push(record) >= LOOKAHEAD_RECORDS) choose();
    }
    progress(rows);
  }
  if (!header) throw new InputError("the file is empty");
  if (rows === 0 && waiting.length === 0) throw new InputError("the file has a header and no rows");
  if (!chosen) choose();
  const columns = chosen as ReturnType<typeof chooseColumns> | null;
  if (!columns) throw new InputError("the file is empty");
  return { columns, leftOut: columns.leftOut, entities: finish(found, columns.features.length), rows };
}

function firstFilled(records: readonly CsvRecord[], count: number): (string | undefined)[] {
  return Array.from({ length: count }, (_, at) =>
    records.map(({ cells }) => (cells[at] ?? "").trim()).find(isFilled),
  );
}

function keep(found: Map<string, Gathering>, row: ScoreRow, width: number): void {
  let own = found.get(row.entity);
  if (!own) {
    own = { train: growing(), held: growing(), lastMs: Number.NEGATIVE_INFINITY, ordered: true, toScore: 0 };
    found.set(row.entity, own);
  }
  if (row.train) {
    append(own.train, row, width);
    return;
  }
  own.toScore++;
  if (row.atMs < own.lastMs) own.ordered = false;
  own.lastMs = Math.max(own.lastMs, row.atMs);
  append(own.held, row, width);
}

function finish(found: Map<string, Gathering>, width: number): Map<string, Entity> {
  return new Map(
    [...found].map(([id, { train, held, ordered, toScore }]) => [
      id,
      {
        train: inOrder(train, width),
        unordered: ordered ? null : { atMs: Float64Array.from(held.atMs), values: held.values },
        toScore,
      },
    ]),
  );
}

function growing(): Growing {
  return { atMs: [], values: new Float64Array(64), count: 0 };
}

function append(to: Growing, { atMs, values }: ScoreRow, width: number): void {
  const start = to.count * width;
  if (start + width > to.values.length) {
    const larger = new Float64Array(Math.max(start + width, to.values.length * 2));
    larger.set(to.values);
    to.values = larger;
  }
  to.values.set(values, start);
  to.atMs.push(atMs);
  to.count++;
}

/** Rows by time; those of one time stay as they stand in the file. */
function inOrder({ atMs, values, count }: Growing, width: number): Series {
  const order = Array.from({ length: count }, (_, row) => row).sort(
    (a, b) => (atMs[a] ?? 0) - (atMs[b] ?? 0) || a - b,
  );
  const sorted = new Float64Array(count * width);
  order.forEach((from, to) => {
    sorted.set(values.subarray(from * width, (from + 1) * width), to * width);
  });
  return { atMs: Float64Array.from(order, (row) => atMs[row] ?? 0), values: sorted, width };
}
