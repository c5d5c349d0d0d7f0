import { setTimeout as wait } from "node:timers/promises";

/** One figure of a benchmark, with the floor that the same machine reached in the same minute. */
export type Figure = {
  bench: string;
  what: string;
  value: number;
  unit: string;
  /** What the machine does when it does nothing else of ours, in the same unit. */
  floor?: { what: string; value: number };
};

/** A benchmark: `small` runs it only to see that it works. */
export type Bench = (options: { small: boolean }) => Promise<Figure[]>;

/** The figures as a table for a person. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ bench, what, value, unit, floor }) => [
    bench,
    what,
    `${round(value)} ${unit}`,
    floor ? `${round(floor.value)} ${unit} (${floor.what})` : "",
    floor ? `${round(value / floor.value)}` : "",
  ]);
  const all = [["bench", "what", "figure", "floor", "ratio"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The q-quantile of a sorted list. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

const PAUSE_MS = 5;

/** Calls a second of a function, over about `ms` milliseconds. */
export function ratePerSecond(work: () => unknown, ms: number): number {
  work();
  const startedAt = performance.now();
  let calls = 0;
  while (performance.now() - startedAt < ms) {
    work();
    calls++;
  }
  return (calls * 1000) / (performance.now() - startedAt);
}

/**
 * Milliseconds that one call of each work takes: the mean of the quickest nineteen in twenty calls, over about `ms`
 * milliseconds in which all of them are called in turns, after a fifth of that time to warm up. Means add up to the
 * mean of the whole, which medians do not. A pause before each call lets what the one before set off in other
 * processes end.
 */
export async function meansMs(
  works: Readonly<Record<string, () => Promise<unknown> | unknown>>,
  ms: number,
): Promise<Record<string, number>> {
  const took = new Map<string, number[]>(Object.keys(works).map((what) => [what, []]));
  const startedAt = performance.now();
  for (let turns = 0; turns < 6 || performance.now() - startedAt < ms; turns++) {
    const warm = turns >= 3 && performance.now() - startedAt >= ms / 5;
    for (const [what, work] of Object.entries(works)) {
      await wait(PAUSE_MS);
      const before = performance.now();
      await work();
      if (warm) took.get(what)?.push(performance.now() - before);
    }
  }
  return Object.fromEntries([...took].map(([what, samples]) => [what, meanOfQuickest(samples, 0.95)]));
}

function meanOfQuickest(samples: number[], share: number): number {
  const kept = samples.sort((a, b) => a - b).slice(0, Math.max(1, Math.floor(samples.length * share)));
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

function round(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}
