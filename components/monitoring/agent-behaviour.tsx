"use client";

import { SegmentedControl, Select } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import {
  type Contribution,
  FEATURES,
  type FeatureKey,
  RESPONSE_THRESHOLDS,
} from "#server/layers/monitoring/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { formatScore } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { SkeletonRows } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import { useNow } from "../ui/server-clock.ts";
import { scoreTone } from "../ui/tone.ts";
import { useUrlParam } from "../ui/use-url-param.ts";
import { Contributions } from "./contributions.tsx";
import { featurePoints, type SeriesPoint, scorePoints } from "./series-points.ts";

const BehaviourChart = dynamic(() => import("../charts/behaviour-chart.tsx").then((m) => m.BehaviourChart), {
  ssr: false,
  loading: () => <SkeletonRows rows={5} label="the chart" />,
});

const HOUR_MS = 3_600_000;
const RANGES: Record<string, number> = {
  "1 h": HOUR_MS,
  "6 h": 6 * HOUR_MS,
  "24 h": 24 * HOUR_MS,
  "7 d": 168 * HOUR_MS,
};
const REDRAW_MS = 30_000;
const THRESHOLDS = [
  { value: RESPONSE_THRESHOLDS.record, label: "record", colour: "var(--v-medium)" },
  { value: RESPONSE_THRESHOLDS.limit, label: "limit", colour: "var(--v-high)" },
  { value: RESPONSE_THRESHOLDS.contain, label: "contain", colour: "var(--v-critical)" },
];

/** How the agent behaves against what is usual for it: the score with its thresholds, and each feature with its band. */
export function AgentBehaviour({ name }: { name: string }) {
  const trpc = useTRPC();
  const now = useNow();
  const [rangeParam, setRange] = useUrlParam("range");
  const [featureParam, setFeature] = useUrlParam("feature");
  const range = rangeParam && RANGES[rangeParam] ? rangeParam : "1 h";
  const feature: FeatureKey = FEATURES.find((one) => one.key === featureParam)?.key ?? "apiCallsPerMinute";
  // The end moves in steps, so that the reading is asked anew twice a minute and not every second.
  const toMs = Math.ceil(now / REDRAW_MS) * REDRAW_MS;
  const series = useQuery(
    trpc.behaviour.series.queryOptions(
      {
        agent: name,
        feature,
        from: new Date(toMs - (RANGES[range] ?? HOUR_MS)),
        to: new Date(toMs),
        points: 600,
      },
      { placeholderData: keepPreviousData },
    ),
  );
  return (
    <Panel
      title="Behaviour"
      state={
        series.data ? (
          <ScoreBadge score={series.data.latest.score} learning={series.data.learning?.words ?? null} />
        ) : null
      }
      note={
        <SegmentedControl
          size="xs"
          aria-label="Time range"
          value={range}
          onChange={setRange}
          data={Object.keys(RANGES)}
        />
      }
    >
      <Loaded query={series} what="its behaviour" rows={8}>
        {(data) => (
          <>
            <Charts points={data.points} stepMs={data.stepMs} feature={data.feature} onFeature={setFeature} />
            <Why contributions={data.latest.contributions} score={data.latest.score} />
            <p className="muted" style={{ margin: "10px 0 0" }}>
              {data.baseline ? (
                <>
                  Baseline version {data.baseline.version}, learnt from {data.baseline.windows} minutes up to{" "}
                  <Instant at={data.baseline.learntTo} />
                </>
              ) : (
                (data.learning?.words ?? "No baseline yet.")
              )}
              {data.latest.scoredAt ? (
                <>
                  {" "}
                  · scored <Instant at={data.latest.scoredAt} as="age" /> ago
                </>
              ) : null}
            </p>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function ScoreBadge({ score, learning }: { score: number | null; learning: string | null }) {
  if (score === null) return <Badge tone="low">{learning ? "learning" : "not scored yet"}</Badge>;
  return <Badge tone={scoreTone(score)}>{`score ${formatScore(score)}`}</Badge>;
}

function Why({ contributions, score }: { contributions: Contribution[]; score: number | null }) {
  if (score === null || contributions.length === 0) return null;
  return <Contributions contributions={contributions} />;
}

type ChartsProps = {
  points: readonly SeriesPoint[];
  stepMs: number;
  feature: (typeof FEATURES)[number];
  onFeature: (key: string | null) => void;
};

function Charts({ points, stepMs, feature, onFeature }: ChartsProps) {
  const format = (value: number) => `${value.toFixed(feature.digits)}`;
  return (
    <div style={{ display: "grid", gap: 12 }}>
      <BehaviourChart
        label="Score"
        points={scorePoints(points, stepMs)}
        thresholds={THRESHOLDS}
        max={1}
        format={formatScore}
        heightPx={170}
      />
      <Select
        aria-label="Feature"
        data={FEATURES.map((one) => ({ value: one.key, label: `${one.title} (${one.unit})` }))}
        value={feature.key}
        onChange={onFeature}
        allowDeselect={false}
        w={280}
      />
      <BehaviourChart
        label={`${feature.title}, ${feature.unit}, with what is usual`}
        points={featurePoints(points, stepMs)}
        format={format}
        heightPx={140}
      />
    </div>
  );
}
