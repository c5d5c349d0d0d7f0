import type { LearningWindow } from "../engine/baseline.ts";
import { featuresOfImport } from "../engine/features.ts";
import { hourOfWeek } from "../engine/hour-of-week.ts";
import type { WindowFeatures } from "../schema.ts";

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A minute of the seed's usual agent: 100 calls, 1 GB an hour, in one order, from one network. */
export function usualMinute(random: () => number, busy = 1): WindowFeatures {
  const calls = Math.max(1, Math.round(100 * busy * Math.exp(0.12 * normal(random))));
  const rounds = Math.floor(calls / 3);
  const strays = random() < 0.2 ? 1 : 0;
  return featuresOfImport({
    calls,
    megabytes: (calls / 100) * 16.7 * Math.exp(0.15 * normal(random)),
    endpoints: 4 + Math.floor(3 * random()),
    refused: random() < 0.05 ? 1 : 0,
    networks: { "10.1.2.0/24": calls },
    transitions: {
      "transactions.read>score.compute": rounds,
      "score.compute>alerts.create": rounds - strays,
      "alerts.create>transactions.read": rounds,
      ...(strays > 0 && { "score.compute>transactions.read": strays }),
    },
  });
}

/** Weeks of business hours (Monday to Friday, 08:00 to 18:00 in the zone), one window a minute; noise shared by the hour. */
export function usualWeeks(options: {
  weeks: number;
  fromMs: number;
  timeZone: string;
  seed?: number;
}): LearningWindow[] {
  const random = seeded(options.seed ?? 1);
  const windows: LearningWindow[] = [];
  let mood = 0;
  for (let minute = 1; minute <= options.weeks * 10_080; minute++) {
    const atMs = options.fromMs + minute * 60_000;
    if (minute % 60 === 0) mood = 0.7 * mood + 0.1 * normal(random);
    const hour = hourOfWeek(atMs - 30_000, options.timeZone);
    if (hour >= 120 || hour % 24 < 8 || hour % 24 >= 18) continue;
    windows.push({ atMs, features: usualMinute(random, Math.exp(mood)) });
  }
  return windows;
}
