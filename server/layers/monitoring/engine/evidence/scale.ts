import { quantileOfSorted } from "../robust.ts";
import { sample } from "./series.ts";

/**
 * The scale a feature is judged on. `log` for non-negative amounts with a long tail, `root` for shares of one, `plain`
 * otherwise. `unit` is the amount from which a logarithm is one: whatever unit a feature comes in, it scores the same.
 */
export type Scale = { kind: "log" | "root" | "plain"; unit: number };

const SAMPLE_MAX = 20_000;
/** A feature whose 99th percentile is this many times its usual amount has a long tail. */
const LONG_TAIL = 4;

/** Chooses a feature's scale from its values alone, never from its name. */
export function chooseScale(values: Float64Array): Scale {
  const sorted = sample(
    values.filter((value) => Number.isFinite(value)),
    SAMPLE_MAX,
  ).sort();
  const low = sorted[0] ?? 0;
  const high = sorted[sorted.length - 1] ?? 0;
  const spread =
    quantileOfSorted(sorted, 0.9) - quantileOfSorted(sorted, 0.1) || high - low || Math.abs(high) || 1;
  if (sorted.length === 0 || low < 0) return { kind: "plain", unit: spread };
  const positive = sorted.filter((value) => value > 0);
  const usual = positive.length === 0 ? 1 : quantileOfSorted(positive, 0.5);
  if (high <= 1 && sorted.some((value) => value > 0 && value < 1)) return { kind: "root", unit: 1 };
  if (quantileOfSorted(sorted, 0.99) > LONG_TAIL * quantileOfSorted(sorted, 0.25))
    return { kind: "log", unit: usual / 10 };
  return { kind: "plain", unit: spread };
}

/** A value on its scale. */
export function toScale({ kind, unit }: Scale, value: number): number {
  if (kind === "log") return Math.log1p(Math.max(0, value) / unit);
  if (kind === "root") return Math.sqrt(Math.max(0, value));
  return value / unit;
}

/** The value that stands at a place of the scale. */
export function fromScale({ kind, unit }: Scale, place: number): number {
  if (kind === "log") return Math.expm1(Math.max(0, place)) * unit;
  if (kind === "root") return Math.max(0, place) ** 2;
  return place * unit;
}
