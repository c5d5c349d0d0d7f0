import type { OverrideView } from "#server/layers/authorization/trust-schema.ts";
import type { LevelBand, LevelPoint } from "../charts/level-rows.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Trust is judged hourly and kept daily beyond a week: a longer pause was not measured. */
const gapMs = (ageMs: number) => (ageMs > 7 * DAY_MS ? 49 * HOUR_MS : 2.5 * HOUR_MS);

/** Computed trust over time up to now, with a hole where nobody judged it for longer than that is done. */
export function trustPoints(
  history: readonly { at: Date; score: number }[],
  now: { atMs: number; computed: number },
): LevelPoint[] {
  const drawn: LevelPoint[] = [];
  for (const { at, score } of [...history, { at: new Date(now.atMs), score: now.computed }]) {
    const before = drawn.at(-1);
    const atMs = at.getTime();
    if (before && atMs <= before.atMs) continue;
    if (before && atMs - before.atMs > gapMs(now.atMs - before.atMs))
      drawn.push({ atMs: before.atMs + HOUR_MS, value: null });
    drawn.push({ atMs, value: score });
  }
  return drawn;
}

/** When trust was set by hand: from each approval until its end, or its early end. */
export function overrideBands(
  overrides: readonly Pick<OverrideView, "decidedAt" | "endsAt" | "score" | "deciderName">[],
): LevelBand[] {
  return overrides.flatMap(({ decidedAt, endsAt, score, deciderName }) =>
    decidedAt && endsAt && endsAt > decidedAt
      ? [
          {
            fromMs: decidedAt.getTime(),
            toMs: endsAt.getTime(),
            value: score,
            label: `set by hand, approved by ${deciderName ?? "nobody"}`,
          },
        ]
      : [],
  );
}

/** A part of the sum as people read it: `+0.40`, `−0.15`. */
export function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}
