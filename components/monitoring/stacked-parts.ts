import { FEATURES } from "#server/layers/monitoring/schema.ts";
import type { ScoreParts } from "#server/layers/monitoring/score-parts-schema.ts";
import type { PartsPoint, PartsSeries } from "../charts/parts-chart.tsx";

/** Told apart in both themes and, by their order and the legend, without colour. */
const COLOURS = [
  "var(--v-brand)",
  "var(--v-high)",
  "var(--v-ok)",
  "var(--v-medium)",
  "var(--v-critical)",
  "color-mix(in srgb, var(--v-brand) 45%, var(--v-critical))",
];
const OTHER = { name: "everything else", colour: "var(--v-line-strong)" };

/**
 * Scores as stacks: the features with the largest parts over the whole stretch by name, the rest as one. The parts of a
 * point add up to its score.
 */
export function stackParts(
  points: ScoreParts["points"],
  stepMs: number,
): { series: PartsSeries[]; points: PartsPoint[] } {
  const totals = new Map<string, number>();
  for (const { parts } of points)
    for (const [feature, part] of Object.entries(parts))
      totals.set(feature, (totals.get(feature) ?? 0) + part);
  const ranked = [...totals]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([feature]) => feature);
  const named = ranked.slice(0, COLOURS.length);
  const hasOther = ranked.length > named.length;
  return {
    series: [
      ...named.map((feature, index) => ({ name: titleOf(feature), colour: COLOURS[index] ?? OTHER.colour })),
      ...(hasOther ? [OTHER] : []),
    ],
    points: points.map(({ at, minute, score, parts }) => {
      const own = named.map((feature) => parts[feature] ?? 0);
      const rest = Math.max(0, score - own.reduce((sum, part) => sum + part, 0));
      const when = { atMs: at.getTime() - stepMs / 2, minuteMs: minute.getTime() };
      return { ...when, total: score, parts: hasOther ? [...own, rest] : own };
    }),
  };
}

function titleOf(feature: string): string {
  return FEATURES.find(({ key }) => key === feature)?.title ?? feature;
}
