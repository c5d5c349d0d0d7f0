"use client";

import { SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { type BehaviourOverview, STRIP_HOURS } from "#server/layers/monitoring/overview-schema.ts";
import type { StripDot } from "../../charts/anomaly-strip.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { formatCount, formatScore } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { EmptyState, SkeletonRows } from "../../ui/notices.tsx";
import page from "../../ui/page.module.css";
import { PageHead } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { scoreTone, toneColor } from "../../ui/tone.ts";
import { useUrlParam } from "../../ui/use-url-param.ts";
import { ScoringLag } from "../scoring-lag.tsx";
import { THRESHOLDS } from "../thresholds.ts";
import { FalseAlarmBudget } from "./false-alarm-budget.tsx";
import { LEVEL_WORDS } from "./level-words.ts";
import { WatchedAgents } from "./watched-agents.tsx";

const AnomalyStrip = dynamic(() => import("../../charts/anomaly-strip.tsx").then((m) => m.AnomalyStrip), {
  ssr: false,
  loading: () => <SkeletonRows rows={5} label="the chart" />,
});

const RANGES = STRIP_HOURS.map((hours) => ({
  value: String(hours),
  label: hours === 168 ? "7 d" : `${hours} h`,
}));
const REFRESH_MS = 30_000;

/** How all agents behave: what passed the lines of the score, what that cost, and whom to watch. */
export function BehaviourView() {
  const trpc = useTRPC();
  const [hoursParam, setHours] = useUrlParam("hours");
  const hours = STRIP_HOURS.find((known) => String(known) === hoursParam) ?? 24;
  const overview = useQuery(
    trpc.behaviour.overview.queryOptions(
      { hours },
      { placeholderData: keepPreviousData, refetchInterval: REFRESH_MS },
    ),
  );
  return (
    <>
      <PageHead
        title="Behaviour"
        state={<ScoringLag />}
        line={overview.data ? <HeadLine overview={overview.data} /> : null}
      />
      <div className={page.stack}>
        <Panel
          title="What passed the lines"
          note={
            <SegmentedControl
              aria-label="Time range"
              value={String(hours)}
              onChange={setHours}
              data={RANGES}
            />
          }
        >
          <Loaded query={overview} what="the anomalies" rows={6}>
            {({ strip }) => <Strip strip={strip} />}
          </Loaded>
        </Panel>
        <Loaded query={overview} what="the budget" rows={4}>
          {({ budget }) => <FalseAlarmBudget budget={budget} />}
        </Loaded>
        <WatchedAgents />
      </div>
    </>
  );
}

function HeadLine({ overview: { counts, measuredAt } }: { overview: BehaviourOverview }) {
  const stand = (["contain", "limit", "record"] as const)
    .filter((level) => counts[level] > 0)
    .map((level) => `${formatCount(counts[level])} ${LEVEL_WORDS[level]}`);
  const scored = counts.none + counts.record + counts.limit + counts.contain;
  return (
    <>
      {formatCount(scored)} {scored === 1 ? "agent" : "agents"} watched
      {stand.length > 0 ? `: ${stand.join(" · ")}` : ", all as usual"}
      {counts.learning > 0 ? ` · ${formatCount(counts.learning)} learning` : ""} · measured{" "}
      <Instant at={measuredAt} as="ago" />
    </>
  );
}

function Strip({ strip }: { strip: BehaviourOverview["strip"] }) {
  const router = useRouter();
  if (strip.anomalies.length === 0)
    return (
      <EmptyState title="Nothing passed 0.5 in this time">
        Every minute that was scored was within what is usual for its agent and hour.
      </EmptyState>
    );
  const dots = strip.anomalies.map<StripDot>(({ at, agent, score, words }) => ({
    ...{ atMs: at.getTime(), score, name: agent },
    words: words ?? "many small deviations",
    colour: toneColor(scoreTone(score)),
  }));
  const hrefOf = ({ name }: StripDot) => `/agents/${name}/behaviour`;
  return (
    <>
      <AnomalyStrip
        label="Highest score of each agent and stretch above 0.5"
        dots={dots}
        thresholds={THRESHOLDS}
        fromMs={strip.from.getTime()}
        toMs={strip.to.getTime()}
        format={formatScore}
        hrefOf={hrefOf}
        onOpen={(dot) => router.push(hrefOf(dot))}
      />
      {strip.total > dots.length ? (
        <p className="muted" style={{ margin: "6px 0 0" }}>
          The {formatCount(dots.length)} highest of {formatCount(strip.total)}.
        </p>
      ) : null}
    </>
  );
}
