"use client";

import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Level } from "#server/layers/identity/facts-schema.ts";
import { AGENT_STATUSES, type AgentStatus, type AgentSummary } from "#server/layers/identity/schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { StatusBadge } from "../ui/badge.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { toWords } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useUrlParam } from "../ui/use-url-param.ts";
import { LevelBadge } from "./level-badge.tsx";
import { RegisterAgent } from "./register-agent.tsx";
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
  { key: "status", header: "Status", render: (agent) => <StatusBadge status={agent.status} /> },
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
    key: "criticality",
    header: "Criticality",
    wideOnly: true,
    render: (agent) => toWords(agent.criticality),
  },
  {
    key: "expiry",
    header: "Next certificate ends",
    wideOnly: true,
    render: (agent) =>
      agent.nextExpiryAt ? (
        <Instant at={agent.nextExpiryAt} as="future" />
      ) : (
        <span className="muted">none</span>
      ),
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
  const [registering, setRegistering] = useState(false);
  const [search, setSearch] = useUrlParam("q");
  const [status, setStatus] = useUrlParam("status");
  const searchSoon = useDebouncedCallback((text: string) => setSearch(text || null), 200);
  const filter = {
    limit: PAGE_SIZE,
    search: search ?? undefined,
    status: AGENT_STATUSES.find((known) => known === status) as AgentStatus | undefined,
  };
  const agents = useInfiniteQuery(
    trpc.agents.list.infiniteQueryOptions(filter, {
      getNextPageParam: (last) => last.nextCursor ?? undefined,
      placeholderData: keepPreviousData,
    }),
  );
  const levels = useLevels((agents.data?.pages ?? []).map((one) => one.agents.map((agent) => agent.name)));
  const register = (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setRegistering(true)}>
      Register agent
    </Button>
  );
  return (
    <>
      <PageHead
        title="Agents"
        line={
          agents.data
            ? `${agents.data.pages[0]?.total ?? 0} ${search || status ? "match" : "registered"}`
            : null
        }
        actions={mayRegister ? register : null}
      />
      <search className={page.filters}>
        <TextInput
          aria-label="Filter agents by name"
          placeholder="Name or title"
          leftSection={<IconSearch size={14} aria-hidden />}
          defaultValue={search ?? ""}
          onChange={(event) => searchSoon(event.currentTarget.value)}
          w={260}
        />
        <Select
          aria-label="Filter agents by status"
          placeholder="Any status"
          clearable
          data={AGENT_STATUSES.map((value) => ({ value, label: toWords(value) }))}
          value={status}
          onChange={setStatus}
          w={160}
        />
      </search>
      <Panel title="All agents" flush>
        <Loaded query={agents} what="the agents" rows={8}>
          {({ pages }) => {
            const rows = pages.flatMap((one) =>
              one.agents.map((agent) => ({ ...agent, level: levels.get(agent.name) })),
            );
            if (rows.length === 0)
              return search || status ? (
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
      <RegisterAgent opened={registering} onClose={() => setRegistering(false)} />
    </>
  );
}
