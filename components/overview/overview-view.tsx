"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { ChainPanel } from "../audit/chain-panel.tsx";
import { NewestRecords } from "../audit/newest-records.tsx";
import { ScorePanel } from "../monitoring/score-panel.tsx";
import { useTRPC } from "../trpc/client.ts";
import type { AppOutput } from "../trpc/output.ts";
import { SeverityBadge, StatusBadge } from "../ui/badge.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { formatScore } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { Meter } from "../ui/meter.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { scoreTone } from "../ui/tone.ts";
import { LayerStrip } from "./layer-strip.tsx";
import { RunningClocks } from "./running-clocks.tsx";

type Overview = AppOutput["overview"]["get"];

/** The state of the bank's agents on one screen. */
export function OverviewView() {
  const trpc = useTRPC();
  const overview = useQuery(trpc.overview.get.queryOptions());
  return (
    <Loaded query={overview} what="the overview" rows={12}>
      {(data) => (
        <>
          <PageHead
            title="Overview"
            line={
              <>
                measured <Instant at={data.measuredAt} as="ago" />
              </>
            }
          />
          <LayerStrip posture={data.posture} />
          <div className={`${page.grid} ${page.two}`}>
            <div className={page.stack}>
              {data.riskiest[0] ? <ScorePanel name={data.riskiest[0].name} /> : null}
              <Unowned alerts={data.unowned} />
              <Riskiest agents={data.riskiest} />
            </div>
            <div className={page.stack}>
              <RunningClocks clocks={data.clocks} />
              <ChainPanel />
              <NewestRecords />
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}

function Unowned({ alerts }: { alerts: Overview["unowned"] }) {
  return (
    <Panel title="Alerts without an owner" note={<Link href="/alerts?view=unowned">All alerts</Link>} flush>
      {alerts.length === 0 ? (
        <EmptyState title="Every open alert has an owner">New ones appear here at once.</EmptyState>
      ) : (
        <DataTable
          label="Alerts without an owner"
          rows={alerts}
          rowKey={(alert) => alert.id}
          rowHref={(alert) => `/alerts?view=unowned&alert=${alert.number}`}
          columns={[
            {
              key: "severity",
              header: "Severity",
              render: (alert) => <SeverityBadge severity={alert.severity} />,
            },
            { key: "title", header: "Cause", primary: true, grow: true, render: (alert) => alert.title },
            { key: "agent", header: "Agent", wideOnly: true, render: (alert) => alert.agentName ?? "—" },
            {
              key: "count",
              header: "Seen",
              align: "right",
              wideOnly: true,
              render: (alert) => `${alert.count}×`,
            },
            { key: "age", header: "Age", render: (alert) => <Instant at={alert.openedAt} as="age" /> },
          ]}
        />
      )}
    </Panel>
  );
}

function Riskiest({ agents }: { agents: Overview["riskiest"] }) {
  return (
    <Panel title="Agents by score" note={<Link href="/agents">All agents</Link>} flush>
      {agents.length === 0 ? (
        <EmptyState title="No scores yet">
          An agent is scored once it has reported actions and its baseline is learnt.
        </EmptyState>
      ) : (
        <DataTable
          label="Agents by score"
          rows={agents}
          rowKey={(agent) => agent.id}
          rowHref={(agent) => `/agents/${agent.name}`}
          columns={[
            { key: "name", header: "Agent", primary: true, render: (agent) => agent.name },
            {
              key: "title",
              header: "Does",
              grow: true,
              wideOnly: true,
              render: (agent) => <span className="muted">{agent.title}</span>,
            },
            { key: "status", header: "Status", render: (agent) => <StatusBadge status={agent.status} /> },
            {
              key: "bar",
              header: "",
              wideOnly: true,
              render: (agent) => <ScoreBar score={agent.score ?? 0} />,
            },
            {
              key: "score",
              header: "Score",
              align: "right",
              render: (agent) => formatScore(agent.score ?? 0),
            },
            {
              key: "at",
              header: "Scored",
              align: "right",
              render: (agent) => (agent.scoredAt ? <Instant at={agent.scoredAt} as="age" /> : "—"),
            },
          ]}
        />
      )}
    </Panel>
  );
}

function ScoreBar({ score }: { score: number }) {
  const tone = scoreTone(score);
  return (
    <div style={{ width: 110 }}>
      <Meter part={score} tone={tone === "neutral" ? "brand" : tone} label={`Score ${formatScore(score)}`} />
    </div>
  );
}
