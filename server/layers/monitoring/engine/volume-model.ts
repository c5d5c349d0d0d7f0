import type { WindowFeatures } from "../schema.ts";
import { HOURS_OF_WEEK, isWeekend } from "./hour-of-week.ts";
import { madAround, median, significant } from "./robust.ts";

/** Features with a usual amount for each hour of the week. */
export const VOLUMES = {
  apiCallsPerMinute: {
    to: (w: WindowFeatures) => Math.log(w.apiCallsPerMinute + 1),
    from: (y: number) => Math.exp(y) - 1,
    spreadMin: 0.15,
    counts: true,
  },
  dataMegabytes: {
    to: (w: WindowFeatures) => Math.log(w.dataMegabytes + 0.05),
    from: (y: number) => Math.exp(y) - 0.05,
    spreadMin: 0.2,
    counts: false,
  },
  uniqueEndpoints: {
    to: (w: WindowFeatures) => Math.log(w.uniqueEndpoints + 1),
    from: (y: number) => Math.exp(y) - 1,
    spreadMin: 0.15,
    counts: true,
  },
  /** Ratios of few calls are drawn towards nothing, so that one large or refused call is no alarm by itself. */
  bytesPerCall: {
    to: (w: WindowFeatures) =>
      Math.log((w.bytesPerCall * w.apiCallsPerMinute) / (w.apiCallsPerMinute + 2) + 256),
    from: (y: number) => Math.exp(y) - 256,
    spreadMin: 0.2,
    counts: false,
  },
  refusedRatio: {
    to: (w: WindowFeatures) => Math.sqrt((w.refusedRatio * w.apiCallsPerMinute) / (w.apiCallsPerMinute + 10)),
    from: (y: number) => Math.max(0, y) ** 2,
    spreadMin: 0.06,
    counts: false,
  },
} as const;

export type VolumeKey = keyof typeof VOLUMES;
export const VOLUME_KEYS = Object.keys(VOLUMES) as VolumeKey[];

/** Centre and spread of a feature on its scale, for each hour of the week. */
export type VolumeModel = { centre: number[]; spread: number[] };

/** How many days' worth an hour's neighbours weigh against its own days. */
const PRIOR_DAYS = 2;

/**
 * Learns one feature: median and MAD of each hour of the week, drawn towards the same hour of all working
 * days (or weekend days), and that towards all hours. Hours with no traffic take what stands above them.
 */
export function learnVolume(
  key: VolumeKey,
  windows: readonly WindowFeatures[],
  hours: readonly number[],
  days: readonly number[],
): VolumeModel {
  const { to, from, spreadMin, counts } = VOLUMES[key];
  const values = windows.map(to);
  const overall = summarise(values, days, null);
  const kinds = group(values, days, hours, 48, (hour) => (hour % 24) + (isWeekend(hour) ? 24 : 0)).map(
    (cell) => summarise(cell.values, cell.days, overall),
  );
  const cells = group(values, days, hours, HOURS_OF_WEEK, (hour) => hour);
  const model: VolumeModel = { centre: [], spread: [] };
  cells.forEach((cell, hour) => {
    const above = kinds[(hour % 24) + (isWeekend(hour) ? 24 : 0)] ?? overall;
    const own = summarise(cell.values, cell.days, above);
    const counting = counts ? 1 / (Math.max(0, from(own.centre)) + 1) : 0;
    model.centre.push(significant(own.centre));
    model.spread.push(significant(Math.sqrt(own.spread ** 2 + spreadMin ** 2 + counting)));
  });
  return model;
}

type Summary = { centre: number; spread: number };

function summarise(values: readonly number[], days: readonly number[], above: Summary | null): Summary {
  if (values.length === 0) return above ?? { centre: 0, spread: 1 };
  const centre = median(Float64Array.from(values));
  const spread = madAround(Float64Array.from(values), centre);
  if (!above) return { centre, spread };
  const own = new Set(days).size;
  const weight = own / (own + PRIOR_DAYS);
  return {
    centre: weight * centre + (1 - weight) * above.centre,
    spread: Math.sqrt(weight * spread ** 2 + (1 - weight) * above.spread ** 2),
  };
}

function group(
  values: readonly number[],
  days: readonly number[],
  hours: readonly number[],
  count: number,
  cellOf: (hour: number) => number,
): { values: number[]; days: number[] }[] {
  const cells = Array.from({ length: count }, () => ({ values: [] as number[], days: [] as number[] }));
  hours.forEach((hour, i) => {
    const cell = cells[cellOf(hour)];
    cell?.values.push(values[i] ?? 0);
    cell?.days.push(days[i] ?? 0);
  });
  return cells;
}
