import type { Series } from "../engine/evidence/series.ts";
import { seeded } from "./usual-weeks.ts";

export const STEP_MS = 600_000;
/** 1970-01-05 was a Monday. */
export const MONDAY_MS = 4 * 86_400_000;
export const NAMES = ["calls", "megabytes", "refused", "load"];

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Days of an entity with a daily curve, a shared mood of some hours and noise of its own: two amounts that move
 * together, a share, and a level. A row each ten minutes from a Monday on.
 */
export function usualVectors(options: { days: number; seed: number; fromStep?: number }): Series {
  const random = seeded(options.seed);
  const rows = options.days * 144;
  const atMs = new Float64Array(rows);
  const values = new Float64Array(rows * NAMES.length);
  let mood = 0;
  for (let row = 0; row < rows; row++) {
    const step = (options.fromStep ?? 0) + row;
    mood = 0.9 * mood + 0.1 * normal(random);
    const busy = Math.exp(mood + Math.sin((2 * Math.PI * ((step % 144) - 50)) / 144));
    const calls = Math.round(200 * busy * Math.exp(0.1 * normal(random)));
    atMs[row] = MONDAY_MS + step * STEP_MS;
    values.set(
      [
        calls,
        calls * 0.2 * Math.exp(0.15 * normal(random)),
        Math.min(1, Math.max(0, 0.02 + 0.008 * normal(random))),
        30 + 8 * mood + 2 * normal(random),
      ],
      row * NAMES.length,
    );
  }
  return { atMs, values, width: NAMES.length };
}
