"use client";

import { useQuery } from "@tanstack/react-query";
import type { AgentIsolation, IsolationMap } from "#server/layers/isolation/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { Badge, StatusBadge } from "../ui/badge.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { ObservedPaths } from "./observed-paths.tsx";
import { ZoneMatrix } from "./zone-matrix.tsx";

/** Who may reach whom, who did, and how each agent stands now, confirmed by the gateways. */
export function IsolationView() {
  const trpc = useTRPC();
  const map = useQuery(trpc.isolation.map.queryOptions());
  return (
    <Loaded query={map} what="the isolation map" rows={10}>
      {(data) => (
        <>
          <PageHead
            title="Isolation"
            state={<GatewayBadge gateways={data.gateways.length} />}
            line="What is not allowed is denied."
          />
          <div className={page.stack}>
            <div className={`${page.grid} ${page.half}`}>
              <ZoneMatrix map={data} />
              <ObservedPaths map={data} />
            </div>
            <AgentStates map={data} />
          </div>
        </>
      )}
    </Loaded>
  );
}

function GatewayBadge({ gateways }: { gateways: number }) {
  if (gateways === 0) return <Badge tone="critical">no gateway reports</Badge>;
  return <Badge tone="ok">{`${gateways} ${gateways === 1 ? "gateway" : "gateways"} reporting`}</Badge>;
}

const ORDER: Record<string, number> = { deny_all: 0, limited: 1, open: 2 };

function AgentStates({ map }: { map: IsolationMap }) {
  const rows = [...map.agents].sort(
    (a, b) => (ORDER[a.state] ?? 3) - (ORDER[b.state] ?? 3) || a.name.localeCompare(b.name),
  );
  if (rows.length === 0)
    return (
      <Panel title="Agents" flush>
        <EmptyState title="No agents yet">
          Each registered agent stands in a zone and appears here.
        </EmptyState>
      </Panel>
    );
  return (
    <Panel title="Agents" note="cut off first" flush>
      <DataTable
        label="Isolation of the agents"
        rows={rows}
        rowKey={(agent) => agent.id}
        rowHref={(agent) => `/agents/${agent.name}`}
        columns={[
          { key: "name", header: "Agent", primary: true, render: (agent) => agent.name },
          { key: "zone", header: "Zone", render: (agent) => agent.zone.toUpperCase() },
          { key: "state", header: "State", render: (agent) => <State agent={agent} /> },
          {
            key: "confirmed",
            header: "Confirmed by",
            render: (agent) => <Confirmed agent={agent} gateways={map.gateways} />,
          },
          {
            key: "reason",
            header: "Reason",
            grow: true,
            wideOnly: true,
            render: (agent) => <span className="muted">{agent.reason || "—"}</span>,
          },
          {
            key: "since",
            header: "Since",
            wideOnly: true,
            render: (agent) => (agent.changedAt ? <Instant at={agent.changedAt} as="age" /> : "—"),
          },
        ]}
      />
    </Panel>
  );
}

function State({ agent }: { agent: AgentIsolation }) {
  if (agent.state === "open") return <span className="muted">open</span>;
  const label = agent.state === "limited" ? `limited to ${agent.limitPerMinute ?? "?"}/min` : "all denied";
  return <StatusBadge status={agent.state} label={label} />;
}

function Confirmed({ agent, gateways }: { agent: AgentIsolation; gateways: readonly string[] }) {
  if (agent.state === "open") return <span className="muted">—</span>;
  const confirmed = agent.confirmations.filter((one) => gateways.includes(one.gatewayId)).length;
  const cut = agent.confirmations.reduce((sum, one) => sum + one.connectionsCut, 0);
  return (
    <>
      <Badge tone={gateways.length > 0 && confirmed >= gateways.length ? "ok" : "high"}>
        {`${confirmed} of ${gateways.length} gateways`}
      </Badge>{" "}
      <span className="muted">{cut > 0 ? `${cut} connections cut` : ""}</span>
    </>
  );
}
