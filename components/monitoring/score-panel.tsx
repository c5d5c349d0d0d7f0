"use client";

import Link from "next/link";
import { Loaded } from "../ui/loaded.tsx";
import { Panel } from "../ui/panel.tsx";
import { BaselineLine, ScoreBadge } from "./agent-behaviour.tsx";
import { ScoreChart } from "./agent-charts.tsx";
import { Contributions } from "./contributions.tsx";
import { useSeries } from "./use-series.ts";

const DAY_MS = 86_400_000;
const REASONS_SHOWN = 4;

/** One agent's last day at a glance: its score with the reasons, for the overview. */
export function ScorePanel({ name }: { name: string }) {
  const { series, span } = useSeries(name, "apiCallsPerMinute", DAY_MS);
  return (
    <Panel
      title={<Link href={`/agents/${name}`}>{name}</Link>}
      state={series.data ? <ScoreBadge series={series.data} /> : null}
      note="highest score, last 24 h"
    >
      <Loaded query={series} what={`the behaviour of ${name}`} rows={6}>
        {(data) => (
          <div style={{ display: "grid", gap: 10 }}>
            <ScoreChart series={data} span={span} heightPx={170} />
            <Contributions contributions={data.latest.contributions.slice(0, REASONS_SHOWN)} />
            <BaselineLine series={data} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
