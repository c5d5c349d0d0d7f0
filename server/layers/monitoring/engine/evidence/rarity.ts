import { median, quantileOfSorted, significant } from "../robust.ts";

/**
 * How often an entity's usual evidence is so strong: `steps` of its tail's `scale` above `start` (which is passed about
 * twice a day) stand the strengths of the declared rates.
 */
export type Rarity = { start: number; scale: number; steps: readonly [number, number, number] };

/** The strongest evidence of each hour, ascending, and how many days of hours there are. */
export type Hours = { highest: Float64Array; days: number };

/** False alarms an entity and day that the scores stand for; a standing alarm counts once an hour. */
export const DECLARED = [
  { score: 0.5, perDay: 1 },
  { score: 0.7, perDay: 0.1 },
  { score: 0.9, perDay: 0.01 },
] as const;
const TAIL_PER_DAY = 2;
const HOUR_MS = 3_600_000;
const SCALE_MIN = 0.35;
/** Peers are pooled by shape from so many on, each with so many days. */
const PEERS_MIN = 4;
const DAYS_KNOWN_MIN = 5;
const RESTLESS = 0.65;
const SLOPE_MIN = 0.3;

/** The strongest evidence of each hour. Hours of several entities are told apart by `entity`. */
export function hourly(rows: readonly { atMs: number; strength: number; entity: number }[]): Hours {
  const hours = new Map<string, number>();
  for (const { atMs, strength, entity } of rows) {
    const hour = `${entity}:${Math.floor(atMs / HOUR_MS)}`;
    const best = hours.get(hour);
    if (best === undefined || strength > best) hours.set(hour, strength);
  }
  return { highest: Float64Array.from(hours.values()).sort(), days: Math.max(1 / 24, hours.size / 24) };
}

/** Fits the tail of one entity. The scale is of the median and of the far excess, so that one attack is not it. */
export function learnRarity({ highest, days }: Hours): Rarity {
  const share = Math.min(0.5, (TAIL_PER_DAY * days) / Math.max(1, highest.length));
  const start = highest.length === 0 ? 1 : quantileOfSorted(highest, 1 - share);
  const excess = highest.filter((value) => value > start).map((value) => value - start);
  const far = excess.length < 10 ? 0 : quantileOfSorted(excess, 0.9) / Math.log(10);
  const scale = Math.max(SCALE_MIN, excess.length === 0 ? 0 : Math.max(median(excess) / Math.LN2, far));
  const startPerDay = highest.length === 0 ? TAIL_PER_DAY : Math.max(1, (share * highest.length) / days);
  return {
    start: significant(Math.max(0.1, start)),
    scale: significant(scale),
    steps: stepsThrough({ step: Math.log(startPerDay), slope: 1 }),
  };
}

/**
 * The tail of one entity, by those of its peers: days of several hold what the days of one do not. The scale is at least
 * the usual one; the steps lie on the line through the peers' hours of once a day and their strongest hours. Of the
 * peers' values not the middle one is taken but a higher one, for false alarms come from the restless; a quarter of them
 * may have an attack among their hours.
 */
export function poolRarity(own: Rarity, peers: readonly { rarity: Rarity; hours: Hours }[]): Rarity {
  const usual = median(Float64Array.from(peers, ({ rarity }) => rarity.scale));
  const pooled = { ...own, scale: significant(Math.max(own.scale, usual)) };
  const known = peers.filter(({ hours }) => hours.days >= DAYS_KNOWN_MIN);
  if (known.length === 0) return pooled;
  const stepsOf = (placeOf: (hours: Hours) => number) =>
    Float64Array.from(known, ({ rarity, hours }) => {
      const strength = hours.highest[Math.max(0, placeOf(hours))] ?? rarity.start;
      return (strength - rarity.start) / Math.max(rarity.scale, usual);
    }).sort();
  const daily = stepsOf(({ highest, days }) => highest.length - Math.max(1, Math.round(days)));
  const strongest = stepsOf(({ highest }) => highest.length - 1);
  const [step, most] = [quantileOfSorted(daily, RESTLESS), quantileOfSorted(strongest, RESTLESS)];
  const days = median(Float64Array.from(known, ({ hours }) => hours.days));
  // The strongest of so many days is passed once in days / ln 2 at the median.
  const slope = Math.max(SLOPE_MIN, (most - step) / Math.log(days / Math.LN2));
  const line = stepsThrough({ step, slope });
  if (known.length >= PEERS_MIN) return { ...pooled, steps: line };
  // Few peers' strongest hours may all be an attack's: the line then only lowers what the tail says.
  const [one, tenth, hundredth] = own.steps;
  return {
    ...pooled,
    steps: [Math.min(one, line[0]), Math.min(tenth, line[1]), Math.min(hundredth, line[2])],
  };
}

/** Steps of the declared rates on a line over the rate's logarithm, from that of once a day. */
function stepsThrough({ step, slope }: { step: number; slope: number }): Rarity["steps"] {
  const at = (times: number) => significant(Math.max(0, step) + slope * Math.log(times));
  return [at(1), at(10), at(100)];
}

/** The strengths that stand at the declared rates, rising. */
export function strengthsOf({ start, scale, steps }: Rarity): readonly [number, number, number] {
  return [start + scale * steps[0], start + scale * steps[1], start + scale * steps[2]];
}

/** The strength from which nothing is learnt: that of the score 0.5. */
export function alarmOf(rarity: Rarity): number {
  return strengthsOf(rarity)[0];
}

/** The score of a strength: straight between the declared rates, nearing 1 beyond the last without ever reaching it. */
export function scoreOf(strength: number, rarity: Rarity): number {
  let [fromStrength, fromScore] = [0, 0];
  const strengths = strengthsOf(rarity);
  for (const [at, { score }] of DECLARED.entries()) {
    const to = strengths[at] ?? 0;
    if (strength <= to)
      return (
        fromScore +
        ((score - fromScore) * Math.max(0, strength - fromStrength)) / Math.max(1e-9, to - fromStrength)
      );
    [fromStrength, fromScore] = [to, score];
  }
  const decades = (2 * (strength - fromStrength)) / Math.max(1e-9, fromStrength - strengths[0]);
  return 1 - 0.1 / (1 + decades / 4);
}
