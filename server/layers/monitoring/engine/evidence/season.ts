import { HOURS_OF_WEEK, isWeekend } from "../hour-of-week.ts";
import { madAround, median, quantileOfSorted, significant } from "../robust.ts";
import { sample } from "./series.ts";

/** What is usual of a feature by time: a table of one entry, of 24 hours, of 48 (working days, weekends) or of 168. */
export type Season = { centre: number[]; spread: number[] };

/** Values on their scale with the hour of the week and the block (about a day) of each. */
export type Timed = { values: Float64Array; hours: Uint8Array; blocks: Int32Array; blockCount: number };

const SIZES = [1, 24, 48, HOURS_OF_WEEK] as const;
/** A finer table must leave so much less of held-out values unexplained than a coarser one. */
const GAIN_MIN = 0.03;
/** Blocks' worth that the coarser table weighs against an entry's own. */
const PRIOR_BLOCKS = 2;
const SPREAD_PART_MIN = 0.35;
const CHOICE_ROWS_MAX = 6_000;
const LEARNT_ROWS_MAX = 16_000;
const CELL_ROWS_MAX = 2_000;
export const FOLDS = 3;

/**
 * Which fold a block is in: unbroken thirds, so that what is held out lies apart in time from what is learnt, as days to
 * come do, and residuals show how far behaviour drifts.
 */
export function foldOf(block: number, blockCount: number): number {
  return Math.min(FOLDS - 1, Math.floor((FOLDS * block) / Math.max(1, blockCount)));
}

/** Which entry of a table of that size an hour of the week is. */
export function entryOf(size: number, hour: number): number {
  if (size === 1) return 0;
  if (size === 24) return hour % 24;
  if (size === 48) return (hour % 24) + (isWeekend(hour) ? 24 : 0);
  return hour;
}

/** The coarsest table that explains held-out values about as well as any: a short history drops to less by itself. */
export function chooseSize(all: Timed): number {
  const timed = thin(all, CHOICE_ROWS_MAX);
  const overall = robustSpread(timed.values) || 1;
  const folds = Array.from({ length: FOLDS }, (_, fold) => ({
    rest: thin(timed, Number.POSITIVE_INFINITY, (block) => foldOf(block, timed.blockCount) !== fold),
    held: thin(timed, Number.POSITIVE_INFINITY, (block) => foldOf(block, timed.blockCount) === fold),
  }));
  let best = { size: 1, left: Number.POSITIVE_INFINITY };
  for (const size of SIZES) {
    let left = 0;
    for (const { rest, held } of folds)
      for (const off of residuals(held, learnSeason(rest, size)))
        left += Math.min(3, Math.abs(off) / overall);
    if (left < best.left * (1 - GAIN_MIN)) best = { size, left };
  }
  return best.size;
}

/** Median and robust spread of each entry, drawn towards the coarser tables where it was seen on few days. */
export function learnSeason(all: Timed, size: number): Season {
  const timed = thin(all, LEARNT_ROWS_MAX);
  let season: Season = { centre: [median(timed.values.slice()) || 0], spread: [robustSpread(timed.values)] };
  let coarser = 1;
  for (const finer of SIZES.filter((s) => s > 1 && s <= size && (s !== 24 || size === 24))) {
    season = refine(timed, finer, season, coarser);
    coarser = finer;
  }
  const least = SPREAD_PART_MIN * robustSpread(residuals(timed, season));
  return {
    centre: season.centre.map((centre) => significant(centre, 6)),
    spread: season.spread.map((spread) => significant(Math.max(spread, least), 4)),
  };
}

function refine(timed: Timed, size: number, above: Season, aboveSize: number): Season {
  const rows: number[][] = Array.from({ length: size }, () => []);
  timed.hours.forEach((hour, row) => {
    rows[entryOf(size, hour)]?.push(row);
  });
  const season: Season = { centre: [], spread: [] };
  for (let entry = 0; entry < size; entry++) {
    const own = rows[entry] ?? [];
    const from = entryOf(aboveSize, entry);
    const usual = { centre: above.centre[from] ?? 0, spread: above.spread[from] ?? 0 };
    const values = sample(
      Float64Array.from(own, (row) => timed.values[row] ?? 0),
      CELL_ROWS_MAX,
    );
    const blocks = new Set(own.map((row) => timed.blocks[row])).size;
    const weight = blocks / (blocks + PRIOR_BLOCKS);
    const centre = values.length === 0 ? usual.centre : median(values);
    const spread = values.length === 0 ? usual.spread : robustSpread(values, centre);
    season.centre.push(weight * centre + (1 - weight) * usual.centre);
    season.spread.push(
      Math.sqrt(
        weight * spread ** 2 + (1 - weight) * Math.min(usual.spread, 4 * spread || usual.spread) ** 2,
      ),
    );
  }
  return season;
}

/** What of each value its season does not explain, in the season's spreads. */
export function residuals({ values, hours }: Timed, { centre }: Season): Float64Array {
  return values.map((value, row) => value - (centre[entryOf(centre.length, hours[row] ?? 0)] ?? 0));
}

/** MAD; where more than half are alike, the width of the middle 98 %, and at last the standard deviation. */
export function robustSpread(values: Float64Array, about?: number): number {
  if (values.length === 0) return 0;
  const centre = about ?? median(values.slice());
  const mad = madAround(values, centre);
  if (mad > 0) return mad;
  const sorted = values.slice().sort();
  const wide = (quantileOfSorted(sorted, 0.99) - quantileOfSorted(sorted, 0.01)) / 4.65;
  if (wide > 0) return wide;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}

const everyBlock = (_block: number) => true;

/** The rows of the blocks that are asked for, and of those every so many-th. */
export function thin(timed: Timed, most: number, wanted = everyBlock): Timed {
  if (timed.values.length <= most && wanted === everyBlock) return timed;
  const rows: number[] = [];
  const step = Math.max(1, timed.values.length / most);
  for (let at = 0; at < timed.values.length; at += step)
    if (wanted(timed.blocks[Math.floor(at)] ?? 0)) rows.push(Math.floor(at));
  return {
    values: Float64Array.from(rows, (row) => timed.values[row] ?? 0),
    hours: Uint8Array.from(rows, (row) => timed.hours[row] ?? 0),
    blocks: Int32Array.from(rows, (row) => timed.blocks[row] ?? 0),
    blockCount: timed.blockCount,
  };
}
