"use client";

import Link from "next/link";
import { Loaded } from "../ui/loaded.tsx";
import { Panel } from "../ui/panel.tsx";
import { BaselineLine, ScoreBadge } from "./agent-behaviour.tsx";
import { FeatureLine } from "./agent-charts.tsx";
import { Contributions } from "./contributions.tsx";
import { topFeature } from "./thresholds.ts";
import { useSeries } from "./use-series.ts";

const DAY_MS = 86_400_000;
const REASONS_SHOWN = 4;

/** One agent's last day at a glance: the feature that made its score, against what is usual, and the reasons. */
export function ScorePanel({ name }: { name: string }) {
  const first = useSeries(name, "apiCallsPerMinute", DAY_MS);
  const top = topFeature(first.series.data?.latest.contributions ?? []);
  const { series, span } = useSeries(name, top, DAY_MS);
  return (
    <Panel
      title={<Link href={`/agents/${name}`}>{name}</Link>}
      state={series.data ? <ScoreBadge series={series.data} /> : null}
      note="highest score, last 24 h"
    >
      <Loaded query={series} what={`the behaviour of ${name}`} rows={6}>
        {(data) => (
          <div style={{ display: "grid", gap: 10 }}>
            <FeatureLine series={data} span={span} heightPx={170} />
            <Contributions contributions={data.latest.contributions.slice(0, REASONS_SHOWN)} />
            <BaselineLine series={data} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
