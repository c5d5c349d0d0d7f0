"use client";

import { SegmentedControl } from "@mantine/core";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { DeciderBrief } from "#server/layers/authorization/brief-schema.ts";
import { RESPONSE_THRESHOLDS } from "#server/layers/monitoring/schema.ts";
import type { ChartPoint } from "../charts/downsample.ts";
import { formatCompact, formatScore } from "../ui/format.ts";
import { EmptyState, SkeletonRows } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./authorization.module.css";

const BehaviourChart = dynamic(() => import("../charts/behaviour-chart.tsx").then((m) => m.BehaviourChart), {
  ssr: false,
  loading: () => <SkeletonRows rows={4} label="the chart" />,
});

const HOUR_MS = 3_600_000;
const LINES = [
  { value: RESPONSE_THRESHOLDS.record, label: "record", colour: "var(--v-medium)" },
  { value: RESPONSE_THRESHOLDS.limit, label: "limit", colour: "var(--v-high)" },
  { value: RESPONSE_THRESHOLDS.contain, label: "contain", colour: "var(--v-critical)" },
];

type LastDay = DeciderBrief["lastDay"];

/** How the agent did in the 24 hours before, from its measured minutes. */
export function LastDayPanel({ lastDay }: { lastDay: LastDay }) {
  const { hours, calls, refused, scoreMax, alerts, openAlerts, containments } = lastDay;
  const [chosen, setShown] = useState<"score" | "calls">("score");
  const shown = scoreMax === null ? "calls" : chosen;
  const counts: [string, string][] = [
    ["Calls", formatCompact(calls, 0)],
    ["Refused", formatCompact(refused, 0)],
    ["Highest score", scoreMax === null ? "none" : formatScore(scoreMax)],
    ["Alerts raised", `${alerts}`],
    ["Alerts open", `${openAlerts}`],
    ["Containments", `${containments}`],
  ];
  return (
    <Panel title="Its last 24 hours">
      <dl className={classes.counts}>
        {counts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {hours.length === 0 ? (
        <EmptyState title="Nothing was measured">
          The agent reported no action in this time, or none that was scored yet.
        </EmptyState>
      ) : (
        <>
          <SegmentedControl
            size="xs"
            aria-label="Chart of the last 24 hours"
            value={shown}
            onChange={(value) => setShown(value === "calls" ? "calls" : "score")}
            data={[
              { value: "score", label: "Score", disabled: scoreMax === null },
              { value: "calls", label: "Calls" },
            ]}
          />
          <BehaviourChart
            label={shown === "score" ? "Highest score of each hour" : "Calls in each hour"}
            points={pointsOf(lastDay, shown)}
            fromMs={lastDay.from.getTime()}
            toMs={Math.max(lastDay.to.getTime(), lastDay.from.getTime() + HOUR_MS)}
            format={shown === "score" ? formatScore : (value) => formatCompact(value, 0)}
            heightPx={150}
            {...(shown === "score" ? { thresholds: LINES, max: 1 } : {})}
          />
        </>
      )}
    </Panel>
  );
}

/** One point an hour; an hour in which nothing was measured lifts the pen. */
function pointsOf({ from, to, hours }: LastDay, shown: "score" | "calls"): ChartPoint[] {
  const byHour = new Map(hours.map((hour) => [hour.at.getTime(), hour]));
  const count = Math.ceil((to.getTime() - from.getTime()) / HOUR_MS);
  return Array.from({ length: count }, (_, i) => {
    const atMs = from.getTime() + i * HOUR_MS;
    return { atMs, value: byHour.get(atMs)?.[shown] ?? null, low: null, high: null };
  });
}
