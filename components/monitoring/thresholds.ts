import {
  type Contribution,
  type FeatureKey,
  RESPONSE_THRESHOLDS,
  type ResponseLevel,
} from "#server/layers/monitoring/schema.ts";
import type { ChartMarker, ChartThreshold } from "../charts/behaviour-chart.tsx";

/** The three lines that a score crosses, with what starts there. */
export const THRESHOLDS: readonly ChartThreshold[] = [
  { value: RESPONSE_THRESHOLDS.record, label: "record", colour: "var(--v-medium)" },
  { value: RESPONSE_THRESHOLDS.limit, label: "limit", colour: "var(--v-high)" },
  { value: RESPONSE_THRESHOLDS.contain, label: "contain", colour: "var(--v-critical)" },
];

const WORDS: Partial<Record<ResponseLevel, ChartMarker & { label: string }>> = {
  limit: { atMs: 0, label: "limited", colour: "var(--v-high)" },
  contain: { atMs: 0, label: "contained", colour: "var(--v-critical)" },
};

/** The moment since which the response has stood, where it is one that acts on the agent. */
export function responseMarkers(latest: { level: ResponseLevel; since: Date | null }): ChartMarker[] {
  const marker = WORDS[latest.level];
  return marker && latest.since ? [{ ...marker, atMs: latest.since.getTime() }] : [];
}

const MEASURED: ReadonlySet<FeatureKey> = new Set([
  "apiCallsPerMinute",
  "dataMegabytes",
  "uniqueEndpoints",
  "bytesPerCall",
  "refusedRatio",
]);

/** The feature with the largest part in a score among those that have a value every minute to draw. */
export function topFeature(contributions: readonly Pick<Contribution, "feature" | "share">[]): FeatureKey {
  const drawn = contributions.filter(({ feature }) => MEASURED.has(feature));
  return drawn.sort((a, b) => b.share - a.share)[0]?.feature ?? "apiCallsPerMinute";
}
