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
 * Milliseconds that one call of each work takes: medians over about `ms` milliseconds in which all of them are
 * called in turns, after a fifth of that time to warm up.
 */
export async function mediansMs(
  works: Readonly<Record<string, () => Promise<unknown> | unknown>>,
  ms: number,
): Promise<Record<string, number>> {
  const took = new Map<string, number[]>(Object.keys(works).map((what) => [what, []]));
  const startedAt = performance.now();
  for (let turns = 0; turns < 6 || performance.now() - startedAt < ms; turns++) {
    const warm = turns >= 3 && performance.now() - startedAt >= ms / 5;
    for (const [what, work] of Object.entries(works)) {
      const before = performance.now();
      await work();
      if (warm) took.get(what)?.push(performance.now() - before);
    }
  }
  const median = (samples: number[]) =>
    quantile(
      samples.sort((a, b) => a - b),
      0.5,
    );
  return Object.fromEntries([...took].map(([what, samples]) => [what, median(samples)]));
}

function round(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}
