import { type Hours, poolRarity, type Rarity } from "../server/layers/monitoring/engine/evidence/rarity.ts";
import { type Series, usualStepMs } from "../server/layers/monitoring/engine/evidence/series.ts";
import { type Accumulated, emptyState } from "../server/layers/monitoring/engine/evidence/state.ts";
import {
  type Learnt,
  learnVector,
  type VectorModel,
} from "../server/layers/monitoring/engine/evidence/vector-model.ts";
import { InputError } from "./csv.ts";
import type { Collected } from "./score-collect.ts";

/** What an entity is scored by, and where its learning has left it. */
export type Judge = { model: VectorModel; state: Accumulated; toMs: number; pooled: boolean };
export type Judges = { of: Map<string, Judge>; held: { hours: Hours; rarity: Rarity }[] };

/** With less than this an entity is judged by what is usual of all. */
const OWN_ROWS_MIN = 300;
const OWN_SPAN_MS_MIN = 2 * 86_400_000;
const POOL_ROWS_MAX = 60_000;

/**
 * Learns a model for each entity that has enough rows to learn from, one of all together for the others, and pools the
 * tails of all.
 *
 * @throws InputError where no row is to be learnt from.
 */
export function learnJudges(
  { columns, entities }: Collected,
  stepMs: number,
  hourOf: (atMs: number) => number,
  progress: (done: number, of: number) => void,
): Judges {
  const names = columns.features.map(({ name }) => name);
  const trained = [...entities.values()].map(({ train }) => train).filter(({ atMs }) => atMs.length > 0);
  if (trained.length === 0) throw new InputError("no row has split=train: there is nothing to learn from");
  const usualMs = usualStepMs(trained) ?? stepMs;
  const learn = (series: readonly Series[]) => learnVector(series, names, usualMs, hourOf);
  const own = new Map<string, Learnt>();
  const short: string[] = [];
  let done = 0;
  for (const [id, entity] of entities) {
    if (entity.toScore === 0 && own.size > 0) continue;
    if (isEnough(entity.train)) own.set(id, learn([entity.train]));
    else if (entity.toScore > 0) short.push(id);
    progress(++done, entities.size);
  }
  const all = short.length > 0 ? learn(poolOf(trained)) : null;
  const learnt = [...own.values(), ...(all ? [all] : [])];
  const peers = learnt.map(({ model, held }) => ({ rarity: model.rarity, hours: held }));
  const of = new Map<string, Judge>();
  const judge = ({ model, state }: Learnt, toMs: number, pooled: boolean): Judge => ({
    model: { ...model, rarity: poolRarity(model.rarity, peers) },
    state,
    toMs,
    pooled,
  });
  for (const [id, one] of own) of.set(id, judge(one, one.state.atMs, false));
  for (const id of short)
    if (all) of.set(id, judge({ ...all, state: emptyState(names.length) }, Number.NaN, true));
  return { of, held: peers.map(({ rarity, hours }) => ({ hours, rarity: poolRarity(rarity, peers) })) };
}

function isEnough({ atMs }: Series): boolean {
  const span = (atMs[atMs.length - 1] ?? 0) - (atMs[0] ?? 0);
  return atMs.length >= OWN_ROWS_MIN && span >= OWN_SPAN_MS_MIN;
}

/** Rows of many entities, each an unbroken run of its own, as many as a model needs. */
function poolOf(trained: readonly Series[]): Series[] {
  const each = Math.max(500, Math.floor(POOL_ROWS_MAX / trained.length));
  const pool: Series[] = [];
  let rows = 0;
  for (const { atMs, values, width } of trained) {
    if (rows >= POOL_ROWS_MAX) break;
    const count = Math.min(each, atMs.length);
    pool.push({ atMs: atMs.subarray(0, count), values: values.subarray(0, count * width), width });
    rows += count;
  }
  return pool;
}
