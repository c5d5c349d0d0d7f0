"use client";

import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { z } from "zod";
import { SHADOW_WAYS, type ShadowAgent } from "#server/layers/identity/shadow-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { formatCount } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useUrlParam } from "../ui/use-url-param.ts";
import { ShadowAgentDetail } from "./shadow-agent-detail.tsx";
import {
  SHADOW_VIEWS,
  type ShadowView,
  shadowTitle,
  shadowTone,
  shadowViewOf,
  VIEW_TITLES,
  WAY_WORDS,
} from "./shadow-words.ts";

const PAGE_SIZE = 50;

const COLUMNS: readonly Column<ShadowAgent>[] = [
  { key: "claimed", header: "Claims to be", primary: true, grow: true, render: (one) => shadowTitle(one) },
  {
    key: "ways",
    header: "Showed itself by",
    wideOnly: true,
    render: ({ ways }) => ways.map((way) => WAY_WORDS[way]).join(", "),
  },
  { key: "network", header: "Network", wideOnly: true, render: ({ network }) => network },
  { key: "count", header: "Times", align: "right", render: ({ count }) => formatCount(count) },
  { key: "seen", header: "Last seen", render: ({ lastSeenAt }) => <Instant at={lastSeenAt} as="age" /> },
  { key: "state", header: "State", render: (one) => <Badge tone={shadowTone(one)}>{one.state}</Badge> },
];

/** Identities that showed themselves at the agents' doors and that nobody registered, with the chosen one beside. */
export function ShadowAgentsView() {
  const trpc = useTRPC();
  const [viewParam, setView] = useUrlParam("state");
  const [wayParam, setWay] = useUrlParam("way");
  const [search, setSearch] = useUrlParam("q");
  const [chosen, setChosen] = useUrlParam("finding");
  const searchSoon = useDebouncedCallback((text: string) => setSearch(text || null), 200);
  const view = shadowViewOf(viewParam);
  const way = SHADOW_WAYS.find((known) => known === wayParam);
  const found = useInfiniteQuery(
    trpc.shadowAgents.list.infiniteQueryOptions(
      { limit: PAGE_SIZE, state: view === "all" ? undefined : view, way, search: search ?? undefined },
      { getNextPageParam: (last) => last.nextCursor ?? undefined, placeholderData: keepPreviousData },
    ),
  );
  const rows = found.data?.pages.flatMap((one) => one.shadowAgents) ?? [];
  const open = useFinding(chosen, rows);
  return (
    <>
      <PageHead title="Shadow agents" line={found.data ? `${found.data.pages[0]?.open ?? 0} open` : null} />
      <search className={page.filters}>
        <SegmentedControl
          aria-label="State"
          value={view}
          onChange={(value) => setView(value === "open" ? null : (value as ShadowView))}
          data={SHADOW_VIEWS.map((value) => ({ value, label: VIEW_TITLES[value] }))}
        />
        <Select
          aria-label="How it showed itself"
          placeholder="Shown in any way"
          clearable
          data={SHADOW_WAYS.map((value) => ({ value, label: WAY_WORDS[value] }))}
          value={way ?? null}
          onChange={setWay}
          w={240}
        />
        <TextInput
          aria-label="Filter shadow agents"
          placeholder="Claim, issuer or network"
          leftSection={<IconSearch size={14} aria-hidden />}
          defaultValue={search ?? ""}
          onChange={(event) => searchSoon(event.currentTarget.value)}
          w={220}
        />
      </search>
      <div className={open ? `${page.grid} ${page.two}` : page.grid}>
        <Panel title="Unknown identities" flush>
          <Loaded query={found} what="the shadow agents" rows={8}>
            {() => (
              <ShadowTable rows={rows} filtered={Boolean(search || way)} view={view} chosen={open?.id} />
            )}
          </Loaded>
          {found.hasNextPage ? (
            <div className={page.more}>
              <Button
                variant="default"
                loading={found.isFetchingNextPage}
                onClick={() => void found.fetchNextPage()}
              >
                Show more
              </Button>
            </div>
          ) : null}
        </Panel>
        {open ? <ShadowAgentDetail finding={open} onClose={() => setChosen(null)} /> : null}
      </div>
    </>
  );
}

/** The chosen finding: a row that is shown, or, after an alert's link, one that is on none of the pages read. */
function useFinding(chosen: string | null, rows: readonly ShadowAgent[]): ShadowAgent | undefined {
  const trpc = useTRPC();
  const shown = rows.find(({ id }) => id === chosen);
  const asked = z.uuid().safeParse(chosen);
  const apart = useQuery(
    trpc.shadowAgents.list.queryOptions(
      { id: asked.data },
      { enabled: asked.success && shown === undefined },
    ),
  );
  return shown ?? (asked.success ? apart.data?.shadowAgents.find(({ id }) => id === chosen) : undefined);
}

type TableProps = { rows: ShadowAgent[]; filtered: boolean; view: ShadowView; chosen: string | undefined };

function ShadowTable({ rows, filtered, view, chosen }: TableProps) {
  const params = useSearchParams();
  if (rows.length === 0)
    return filtered ? (
      <EmptyState title="No finding matches">Change or clear the filter above.</EmptyState>
    ) : (
      <EmptyState title={view === "open" ? "No unknown identity waits" : "Nothing here yet"}>
        Certificates, tokens, keys and enrolments that belong to no registered agent appear here within
        seconds of showing themselves at the agents' doors.
      </EmptyState>
    );
  const href = ({ id }: ShadowAgent) => {
    const next = new URLSearchParams(params);
    next.set("finding", id);
    return `/shadow-agents?${next}`;
  };
  return (
    <DataTable
      label="Shadow agents"
      columns={chosen ? COLUMNS.filter(({ key }) => key !== "ways" && key !== "network") : COLUMNS}
      rows={rows}
      rowKey={({ id }) => id}
      rowHref={href}
      selected={chosen ?? null}
    />
  );
}
