"use client";

import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { Level } from "#server/layers/identity/facts-schema.ts";
import type { AgentSummary } from "#server/layers/identity/schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge, StatusBadge } from "../ui/badge.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { AgentFilters, useAgentFilter } from "./agent-filters.tsx";
import { ExpiryBars } from "./expiry-bars.tsx";
import { LevelBadge } from "./level-badge.tsx";
import { useLevels } from "./use-facts.ts";

const PAGE_SIZE = 50;

type Row = AgentSummary & { level: Level | null | undefined };

const COLUMNS: readonly Column<Row>[] = [
  { key: "name", header: "Agent", primary: true, render: (agent) => agent.name },
  {
    key: "title",
    header: "Does",
    grow: true,
    wideOnly: true,
    render: (agent) => <span className="muted">{agent.title}</span>,
  },
  {
    key: "status",
    header: "Status",
    render: (agent) => (
      <>
        <StatusBadge status={agent.banned ? "banned" : agent.status} />
        {agent.stoppedBy ? <Badge tone="critical">parent stopped</Badge> : null}
      </>
    ),
  },
  {
    key: "level",
    header: "Level",
    wideOnly: true,
    render: ({ level }) => (level === undefined ? null : <LevelBadge effective={level} />),
  },
  {
    key: "owner",
    header: "Owner",
    wideOnly: true,
    render: (agent) => agent.ownerEmail ?? <StatusBadge status="limited" label="no owner" />,
  },
  { key: "zone", header: "Zone", wideOnly: true, render: (agent) => agent.zone.toUpperCase() },
  {
    key: "parent",
    header: "Parent",
    wideOnly: true,
    render: (agent) => agent.parentName ?? <span className="muted">none</span>,
  },
  {
    key: "expiry",
    header: "Credentials used up",
    wideOnly: true,
    render: (agent) => <ExpiryBars expiries={agent.expiries} />,
  },
  {
    key: "seen",
    header: "Last seen",
    render: (agent) =>
      agent.lastSeenAt ? <Instant at={agent.lastSeenAt} as="age" /> : <span className="muted">never</span>,
  },
];

/** Every agent of the bank, with who answers for it and what ends next. */
export function AgentsView() {
  const trpc = useTRPC();
  const mayRegister = usePermits("agents.register");
  const by = useAgentFilter();
  const agents = useInfiniteQuery(
    trpc.agents.list.infiniteQueryOptions(
      { ...by.filter, limit: PAGE_SIZE },
      {
        getNextPageParam: (last) => last.nextCursor ?? undefined,
        placeholderData: keepPreviousData,
      },
    ),
  );
  const levels = useLevels((agents.data?.pages ?? []).map((one) => one.agents.map((agent) => agent.name)));
  const register = (
    <Button component={Link} href="/enrol-agent" leftSection={<IconPlus size={14} aria-hidden />}>
      Register agent
    </Button>
  );
  return (
    <>
      <PageHead
        title="Agents"
        line={
          agents.data ? `${agents.data.pages[0]?.total ?? 0} ${by.narrowed ? "match" : "registered"}` : null
        }
        actions={mayRegister ? register : null}
      />
      <AgentFilters by={by} />
      <Panel title="All agents" flush>
        <Loaded query={agents} what="the agents" rows={8}>
          {({ pages }) => {
            const rows = pages.flatMap((one) =>
              one.agents.map((agent) => ({ ...agent, level: levels.get(agent.name) })),
            );
            if (rows.length === 0)
              return by.narrowed ? (
                <EmptyState title="No agent matches">Change or clear the filter above.</EmptyState>
              ) : (
                <EmptyState title="No agents yet" action={mayRegister ? register : null}>
                  Register the first one; it enrols itself with a one-time join token and keeps its own keys.
                </EmptyState>
              );
            return (
              <DataTable
                label="Agents"
                columns={COLUMNS}
                rows={rows}
                rowKey={(agent) => agent.name}
                rowHref={(agent) => `/agents/${agent.name}`}
              />
            );
          }}
        </Loaded>
        {agents.hasNextPage ? (
          <div className={page.more}>
            <Button
              variant="default"
              loading={agents.isFetchingNextPage}
              onClick={() => void agents.fetchNextPage()}
            >
              Show more
            </Button>
          </div>
        ) : null}
      </Panel>
    </>
  );
}
