import { alarmOf, type Hours, hourly, learnRarity, type Rarity } from "./rarity.ts";
import { learnRelations } from "./relations.ts";
import { type Accumulated, CHANNELS, emptyState, gather, settle } from "./state.ts";
import { strengthOf } from "./strength.ts";
import { learnTail, type Tail } from "./tail.ts";

/** How residuals stand together, and how rare each kind of evidence from them is. JSON. */
export type EvidenceModel = {
  /** The usual time between two rows. */
  stepMs: number;
  relations: number[][];
  /** By channel and feature. */
  tails: Tail[][];
  together: Tail;
  rarity: Rarity;
};

const COLLECTED_MAX = 20_000;
const SCALE_MIN = 0.05;
/** What was never so far out is as rare as the rows are many, however far it is: it has no tail to go by. */
const NEVER_SEEN = 1e6;
const NO_SIDE = { start: 0, rarity: 0, scale: 1 };

/**
 * Learns from residuals that were measured against a season which was not learnt from them. How strong evidence usually
 * gets is measured with everything accumulated and settled as in use.
 *
 * @param times of each entity's rows, in order. @param held residuals, `width` a row, entity after entity; NaN is missing.
 */
export function learnEvidence(
  times: readonly Float64Array[],
  held: Float64Array,
  width: number,
  stepMs: number,
): { evidence: EvidenceModel; state: Accumulated; held: Hours } {
  const known = held.map((z) => (Number.isNaN(z) ? 0 : z));
  const model: EvidenceModel = {
    stepMs,
    relations: learnRelations(known, width),
    tails: [],
    together: { centre: 0, up: NO_SIDE, down: NO_SIDE },
    rarity: { start: 1, scale: 1, steps: [1, 3, 5] },
  };
  learnTails(model, times, held);
  const calm = replay(model, times, held, Number.POSITIVE_INFINITY);
  const alarm = alarmOf(learnRarity(hourly(calm.strengths)));
  const { strengths, state } = replay(model, times, held, alarm);
  const hours = hourly(strengths);
  return { evidence: { ...model, rarity: learnRarity(hours) }, state, held: hours };
}

function learnTails(model: EvidenceModel, times: readonly Float64Array[], held: Float64Array): void {
  const width = model.relations.length;
  const size = CHANNELS.length * width + 1;
  const rows = held.length / width;
  const every = Math.max(1, Math.ceil(rows / COLLECTED_MAX));
  const collected = new Float32Array(Math.ceil(rows / every) * size);
  let count = 0;
  walk(model, times, held, (evidence, _next, row) => {
    if (row % every === 0) collected.set(evidence, size * count++);
    return false;
  });
  const tailAt = (at: number) =>
    learnTail(Float64Array.from({ length: count }, (_, i) => collected[i * size + at] ?? 0));
  model.tails = CHANNELS.map((_, channel) => model.relations.map((_row, f) => tailAt(channel * width + f)));
  model.together = tailAt(size - 1);
  evenOut(model.tails);
}

/** Draws each tail's scale towards those of its channel: one feature's days hold few of its rarest hours. */
function evenOut(tails: Tail[][]): void {
  for (const channel of tails)
    for (const side of ["up", "down"] as const) {
      const scales = channel
        .map((tail) => tail[side].scale)
        .filter((scale) => scale > 0)
        .sort((a, b) => a - b);
      const usual = scales[scales.length >> 1] ?? 1;
      for (const tail of channel) {
        if (tail[side].scale === 0) {
          tail[side].scale = NEVER_SEEN;
          continue;
        }
        const own = tail[side].scale;
        tail[side].scale = Math.max(SCALE_MIN, own >= usual ? own : Math.sqrt(own * usual));
      }
    }
}

function replay(model: EvidenceModel, times: readonly Float64Array[], held: Float64Array, alarm: number) {
  const strengths: { atMs: number; strength: number; entity: number }[] = [];
  const state = walk(model, times, held, (evidence, next, _row, entity) => {
    const strength = strengthOf(evidence, model);
    strengths.push({ atMs: next.atMs, strength, entity });
    return strength >= alarm;
  });
  return { strengths, state };
}

/** Walks the held-out residuals of each entity in order of time; `see` says whether a row is unusual. */
function walk(
  model: EvidenceModel,
  times: readonly Float64Array[],
  held: Float64Array,
  see: (evidence: Float64Array, next: Accumulated, row: number, entity: number) => boolean,
): Accumulated {
  const width = model.relations.length;
  const evidence = new Float64Array(CHANNELS.length * width + 1);
  let [before, next] = [emptyState(width), emptyState(width)];
  let row = 0;
  for (const [entity, atMs] of times.entries()) {
    [before, next] = [emptyState(width), emptyState(width)];
    for (const at of atMs) {
      const z = held.subarray(row * width, (row + 1) * width);
      gather(z, at, before, next, model, evidence);
      settle(next, evidence.subarray(0, width), see(evidence, next, row, entity), before, model.stepMs);
      [before, next] = [next, before];
      row++;
    }
  }
  return before;
}
