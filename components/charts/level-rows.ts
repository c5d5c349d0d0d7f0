/** An instant, the level then (null where it was not measured). */
export type LevelPoint = { atMs: number; value: number | null };

/** A stretch in which something else counted than the line shows. */
export type LevelBand = { fromMs: number; toMs: number; value: number; label: string };

export type LevelRow = { at: string; value: string; instead: string };

/** The rows of a level chart's table twin, newest first: the line's own values, and what counted instead of them. */
export function levelRows(
  points: readonly LevelPoint[],
  bands: readonly LevelBand[],
  format: (value: number) => string,
): LevelRow[] {
  return [...points].reverse().map(({ atMs, value }) => {
    const band = bands.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
    return {
      at: new Date(atMs).toISOString().replace("T", " ").slice(0, 19),
      value: value === null ? "not measured" : format(value),
      instead: band ? `${format(band.value)}, ${band.label}` : "—",
    };
  });
}
