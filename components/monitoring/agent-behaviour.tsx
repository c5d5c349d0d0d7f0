"use client";

import { SegmentedControl } from "@mantine/core";
import Link from "next/link";
import { FEATURES, type FeatureKey } from "#server/layers/monitoring/schema.ts";
import type { AppOutput } from "../trpc/output.ts";
import { Badge } from "../ui/badge.tsx";
import { formatCount, formatScore } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import { scoreTone } from "../ui/tone.ts";
import { useUrlParam } from "../ui/use-url-param.ts";
import { FeatureChart, ScoreChart } from "./agent-charts.tsx";
import { Contributions } from "./contributions.tsx";
import { useSeries } from "./use-series.ts";

type Series = AppOutput["behaviour"]["series"];

const HOUR_MS = 3_600_000;
const RANGES = { "1 h": HOUR_MS, "6 h": 6 * HOUR_MS, "24 h": 24 * HOUR_MS, "7 d": 168 * HOUR_MS } as const;
type Range = keyof typeof RANGES;
const rangeOf = (text: string | null): Range => (text !== null && text in RANGES ? (text as Range) : "24 h");

/** How the agent behaves against what is usual for it: the score with its reasons, and each feature with its band. */
export function AgentBehaviour({ name }: { name: string }) {
  const [rangeParam, setRange] = useUrlParam("range");
  const [featureParam, setFeature] = useUrlParam("feature");
  const range = rangeOf(rangeParam);
  const feature: FeatureKey = FEATURES.find((one) => one.key === featureParam)?.key ?? "apiCallsPerMinute";
  const { series, span } = useSeries(name, feature, RANGES[range]);
  return (
    <Panel
      title="Behaviour"
      state={series.data ? <ScoreBadge series={series.data} /> : null}
      note={
        <SegmentedControl
          aria-label="Time range"
          value={range}
          onChange={setRange}
          data={Object.keys(RANGES)}
        />
      }
    >
      <Loaded query={series} what="its behaviour" rows={8}>
        {(data) =>
          data.points.length === 0 && data.baseline === null ? (
            <EmptyState title="Nothing measured in this time">
              {data.learning?.words ?? ""} The first action that the agent reports starts its first minute.
            </EmptyState>
          ) : (
            <div style={{ display: "grid", gap: 12 }}>
              <ScoreChart series={data} span={span} heightPx={170} />
              {data.latest.score === null ? null : (
                <Contributions contributions={data.latest.contributions} />
              )}
              <FeatureChart series={data} span={span} onFeature={setFeature} />
              <BaselineLine series={data} />
              <Link href={`/agents/${name}/behaviour`}>Behaviour in full</Link>
            </div>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** The latest score in a badge; while there is no baseline, that it is being learnt. */
export function ScoreBadge({ series }: { series: Series }) {
  const { score } = series.latest;
  if (score === null) return <Badge tone="low">{series.learning ? "learning" : "not scored yet"}</Badge>;
  return <Badge tone={scoreTone(score)}>{`score ${formatScore(score)}`}</Badge>;
}

/** What the score is measured against, and when it was. */
export function BaselineLine({ series }: { series: Series }) {
  const { baseline, learning, latest } = series;
  return (
    <p className="muted" style={{ margin: 0 }}>
      {baseline ? (
        <>
          Baseline version {baseline.version}, learnt from {formatCount(baseline.windows)} minutes up to{" "}
          <Instant at={baseline.learntTo} />
        </>
      ) : (
        (learning?.words ?? "No baseline yet.")
      )}
      {latest.scoredAt ? (
        <>
          {" · scored "}
          <Instant at={latest.scoredAt} as="ago" />
        </>
      ) : null}
    </p>
  );
}
