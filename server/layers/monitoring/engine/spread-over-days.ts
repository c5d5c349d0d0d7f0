type Counts = Record<string, number>;
type Window = { at: Date; transitions?: Counts | undefined; networks?: Counts | undefined };

const DAY_MS = 86_400_000;

/**
 * Gives totals of a whole history to one window of each day (UTC), in equal parts, so that what was seen on every day
 * is learnt as such. Windows that carry their own counts keep them.
 */
export function spreadOverDays<T extends Window>(
  windows: readonly T[],
  totals: { transitions?: Counts | undefined; networks?: Counts | undefined },
): T[] {
  if (!totals.transitions && !totals.networks) return [...windows];
  const firstOfDay = new Map<number, number>();
  windows.forEach(({ at }, index) => {
    const day = Math.floor((at.getTime() - 1) / DAY_MS);
    if (!firstOfDay.has(day)) firstOfDay.set(day, index);
  });
  const chosen = new Set(firstOfDay.values());
  const part = (counts: Counts | undefined) =>
    counts &&
    Object.fromEntries(
      Object.entries(counts).map(([name, n]) => [name, Math.max(1, Math.round(n / chosen.size))]),
    );
  const parts = { transitions: part(totals.transitions), networks: part(totals.networks) };
  return windows.map((window, index) =>
    chosen.has(index)
      ? {
          ...window,
          transitions: window.transitions ?? parts.transitions,
          networks: window.networks ?? parts.networks,
        }
      : window,
  );
}
