"use client";

import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { WatchedAgent } from "#server/layers/monitoring/overview-schema.ts";
import { RESPONSE_LEVELS } from "#server/layers/monitoring/schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { Badge, StatusBadge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { formatScore } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { EmptyState } from "../../ui/notices.tsx";
import page from "../../ui/page.module.css";
import { Panel } from "../../ui/panel.tsx";
import { scoreTone } from "../../ui/tone.ts";
import { useUrlParam } from "../../ui/use-url-param.ts";
import { LEVEL_WORDS } from "./level-words.ts";

/** All agents by their latest score, the highest first, with what makes it up. */
export function WatchedAgents() {
  const trpc = useTRPC();
  const [search, setSearch] = useUrlParam("q");
  const [levelParam, setLevel] = useUrlParam("level");
  const [baselineParam, setBaseline] = useUrlParam("baseline");
  const level = RESPONSE_LEVELS.find((known) => known === levelParam);
  const baseline = (["learnt", "learning"] as const).find((known) => known === baselineParam);
  const searchSoon = useDebouncedCallback((text: string) => setSearch(text.trim() || null), 250);
  const agents = useInfiniteQuery(
    trpc.behaviour.watched.infiniteQueryOptions(
      { limit: 50, level, baseline, ...(search && { search }) },
      {
        getNextPageParam: (last: { nextCursor: string | null }) => last.nextCursor ?? undefined,
        placeholderData: keepPreviousData,
      },
    ),
  );
  return (
    <Panel title="Agents by score" note="highest first" flush>
      <search className={page.filters} style={{ padding: "10px 14px 0", margin: 0 }}>
        <TextInput
          aria-label="Filter agents"
          placeholder="Agent's name or title"
          leftSection={<IconSearch size={14} aria-hidden />}
          defaultValue={search ?? ""}
          onChange={(event) => searchSoon(event.currentTarget.value)}
          w={200}
        />
        <Select
          aria-label="Response"
          placeholder="Any response"
          clearable
          data={RESPONSE_LEVELS.map((value) => ({ value, label: LEVEL_WORDS[value] }))}
          value={level ?? null}
          onChange={setLevel}
          w={160}
        />
        <Select
          aria-label="Baseline"
          placeholder="Learnt or learning"
          clearable
          data={[
            { value: "learnt", label: "With a baseline" },
            { value: "learning", label: "Still learning" },
          ]}
          value={baseline ?? null}
          onChange={setBaseline}
          w={170}
        />
      </search>
      <Loaded query={agents} what="the agents" rows={8}>
        {({ pages }) => <Listed agents={pages.flatMap((one) => one.agents)} />}
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
  );
}

function Listed({ agents }: { agents: WatchedAgent[] }) {
  if (agents.length === 0)
    return (
      <EmptyState title="No agent passes this filter">Take a part of the filter away to see more.</EmptyState>
    );
  return (
    <DataTable
      label="Agents by score"
      columns={COLUMNS}
      rows={agents}
      rowKey={({ name }) => name}
      rowHref={({ name }) => `/agents/${name}/behaviour`}
    />
  );
}

const COLUMNS: readonly Column<WatchedAgent>[] = [
  {
    key: "score",
    header: "Score",
    align: "right",
    render: ({ score }) =>
      score === null ? (
        <span className="muted">not scored</span>
      ) : (
        <Badge tone={scoreTone(score)}>{formatScore(score)}</Badge>
      ),
  },
  { key: "name", header: "Agent", primary: true, render: ({ name }) => name },
  {
    key: "why",
    header: "Because of",
    grow: true,
    wideOnly: true,
    render: ({ contributions, learning }) =>
      contributions.find(({ flag }) => flag !== null)?.words ?? (
        <span className="muted">{learning ?? "nothing unusual"}</span>
      ),
  },
  {
    key: "level",
    header: "Response",
    render: ({ level, status }) =>
      status === "contained" ? <StatusBadge status="contained" /> : LEVEL_WORDS[level],
  },
  {
    key: "baseline",
    header: "Baseline",
    wideOnly: true,
    render: ({ baselineVersion }) =>
      baselineVersion === null ? <Badge tone="low">learning</Badge> : `version ${baselineVersion}`,
  },
  {
    key: "scored",
    header: "Scored",
    wideOnly: true,
    render: ({ scoredAt }) => (scoredAt ? <Instant at={scoredAt} as="ago" /> : "—"),
  },
];
