import { median, quantileOfSorted, significant } from "../robust.ts";

/** How often an entity's usual evidence is so strong: hours at their strongest, an exponential tail above twice a day. */
export type Rarity = { start: number; startPerDay: number; scale: number };

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
  return {
    start: significant(Math.max(0.1, start)),
    startPerDay: significant(
      highest.length === 0 ? TAIL_PER_DAY : Math.max(TAIL_PER_DAY / 4, (share * highest.length) / days),
    ),
    scale: significant(scale),
  };
}

/** The tails of peers, pooled: days of several entities hold what the days of one do not. */
export function poolRarity(own: Rarity, peers: readonly Rarity[]): Rarity {
  if (peers.length < 2) return own;
  const usual = median(Float64Array.from(peers, ({ scale }) => scale));
  return { ...own, scale: significant(Math.max(own.scale, usual, SCALE_MIN)) };
}

/** The strength that is passed so often a day by usual behaviour. */
export function strengthAt(perDay: number, { start, startPerDay, scale }: Rarity): number {
  return start + scale * Math.log(Math.max(1, startPerDay / perDay));
}

/** The score of a strength: straight between the declared rates, nearing 1 beyond the last without ever reaching it. */
export function scoreOf(strength: number, rarity: Rarity): number {
  let [fromStrength, fromScore] = [0, 0];
  for (const { score, perDay } of DECLARED) {
    const to = strengthAt(perDay, rarity);
    if (strength <= to)
      return (
        fromScore +
        ((score - fromScore) * Math.max(0, strength - fromStrength)) / Math.max(1e-9, to - fromStrength)
      );
    [fromStrength, fromScore] = [to, score];
  }
  const decades = (strength - fromStrength) / (rarity.scale * Math.LN10);
  return 1 - 0.1 / (1 + decades / 4);
}

/** The strength from which nothing is learnt: that of the score 0.5. */
export function rarityAlarm(rarity: Rarity): number {
  return strengthAt(DECLARED[0].perDay, rarity);
}
