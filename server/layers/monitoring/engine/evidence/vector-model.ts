import { type EvidenceModel, learnEvidence } from "./evidence-model.ts";
import type { Hours } from "./rarity.ts";
import { chooseScale, type Scale, toScale } from "./scale.ts";
import { chooseSize, entryOf, FOLDS, foldOf, learnSeason, type Season, thin } from "./season.ts";
import { column, type Series } from "./series.ts";
import type { Accumulated } from "./state.ts";

/** One feature by name: its scale and what is usual of it by time. */
export type Feature = { name: string; scale: Scale; season: Season };

/** What is usual of a vector of features, and how rare each kind of evidence against it is. JSON. */
export type VectorModel = EvidenceModel & {
  v: 1;
  features: Feature[];
  /** Rows and days learnt from. */
  rows: number;
  days: number;
};

/** A model, where the past it was learnt from has left the entity, and the strengths of its held-out hours. */
export type Learnt = { model: VectorModel; state: Accumulated; held: Hours };

const SEEN_ONCE = 8;
const DAY_MS = 86_400_000;

/**
 * Learns a model from an entity's rows, or from several entities' where one has too few. How rare evidence is, is
 * measured on blocks of days that the measuring season was not learnt from, with everything accumulated as in use.
 */
export function learnVector(
  series: readonly Series[],
  names: readonly string[],
  stepMs: number,
  hourOf: (atMs: number) => number,
): Learnt {
  const width = names.length;
  const rows = series.reduce((sum, { atMs }) => sum + atMs.length, 0);
  const clock = clockOf(series, hourOf);
  const held = new Float64Array(rows * width);
  const features = names.map((name, f) => learnFeature(name, f, series, clock, held, width));
  const times = series.map(({ atMs }) => atMs);
  const { evidence, state, held: hours } = learnEvidence(times, held, width, stepMs);
  return {
    model: { v: 1, features, ...evidence, rows, days: new Set(clock.blocks).size },
    state,
    held: hours,
  };
}

/** Residual of a value against its season, in its spreads. What never varied says only whether it is as ever. */
export function residualOf({ scale, season }: Feature, value: number, hour: number): number {
  if (Number.isNaN(value)) return Number.NaN;
  const entry = entryOf(season.centre.length, hour);
  const centre = season.centre[entry] ?? 0;
  const spread = season.spread[entry] ?? 0;
  const off = toScale(scale, value) - centre;
  if (spread > 0) return off / spread;
  return Math.abs(off) <= 1e-5 * Math.max(1, Math.abs(centre)) ? 0 : Math.sign(off) * SEEN_ONCE;
}

function learnFeature(
  name: string,
  f: number,
  series: readonly Series[],
  clock: Clock,
  held: Float64Array,
  width: number,
): Feature {
  const raw = Float64Array.from(series.flatMap((one) => Array.from(column(one, f))));
  const scale = chooseScale(raw);
  const present = new Uint8Array(raw.length);
  const kept: number[] = [];
  raw.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    present[row] = 1;
    kept.push(row);
  });
  const timed = {
    values: Float64Array.from(kept, (row) => toScale(scale, raw[row] ?? 0)),
    hours: Uint8Array.from(kept, (row) => clock.hours[row] ?? 0),
    blocks: Int32Array.from(kept, (row) => clock.blocks[row] ?? 0),
    blockCount: clock.blockCount,
  };
  const size = chooseSize(timed);
  for (let fold = 0; fold < FOLDS; fold++) {
    const rest = thin(timed, Number.POSITIVE_INFINITY, (block) => foldOf(block, clock.blockCount) !== fold);
    const season = learnSeason(rest.values.length === 0 ? timed : rest, size);
    const feature = { name, scale, season };
    raw.forEach((value, row) => {
      if (foldOf(clock.blocks[row] ?? 0, clock.blockCount) === fold)
        held[row * width + f] = residualOf(feature, value, clock.hours[row] ?? 0);
    });
  }
  return { name, scale, season: learnSeason(timed, size) };
}

type Clock = { hours: Uint8Array; blocks: Int32Array; blockCount: number };

/** Hour of the week and block of each row: a day, or a sixth of the whole where that is short. */
function clockOf(series: readonly Series[], hourOf: (atMs: number) => number): Clock {
  const times = series.flatMap(({ atMs }) => Array.from(atMs));
  const first = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const blockMs = Math.min(DAY_MS, Math.max(1, (last - first + 1) / 6));
  return {
    hours: Uint8Array.from(times, hourOf),
    blocks: Int32Array.from(times, (atMs) => Math.floor((atMs - first) / blockMs)),
    blockCount: Math.floor((last - first) / blockMs) + 1,
  };
}
