"use client";

import { Button, SegmentedControl } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import type { BreakGlassView } from "#server/layers/authorization/glass-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useUrlParam } from "../ui/use-url-param.ts";
import { AuthorizationTabs } from "./authorization-tabs.tsx";
import { BreakGlassUse } from "./break-glass-use.tsx";
import { reviewTone, reviewWords } from "./break-glass-words.ts";

const COLUMNS: readonly Column<BreakGlassView>[] = [
  { key: "agent", header: "Agent", primary: true, render: (use) => use.agent.name },
  { key: "scope", header: "Scope", render: (use) => <span className="mono">{use.scope}</span> },
  { key: "by", header: "By", render: (use) => use.by.name },
  {
    key: "review",
    header: "Review",
    render: (use) => <Badge tone={reviewTone(use)}>{reviewWords(use)}</Badge>,
  },
  { key: "used", header: "When", wideOnly: true, render: (use) => <Instant at={use.usedAt} /> },
  { key: "why", header: "Why", wideOnly: true, grow: true, render: (use) => use.reason },
];

/** Every time that somebody gave an agent a scope alone, the newest first, with the chosen one beside. */
export function BreakGlassLog() {
  const trpc = useTRPC();
  const [shown, setShown] = useUrlParam("show");
  const [chosen, setChosen] = useUrlParam("use");
  const show = shown === "unreviewed" ? "unreviewed" : "all";
  const log = useInfiniteQuery(
    trpc.glass.list.infiniteQueryOptions(
      { show, limit: 50 },
      { getNextPageParam: (last) => last.nextCursor ?? undefined, placeholderData: keepPreviousData },
    ),
  );
  const rows = log.data?.pages.flatMap((one) => one.uses) ?? [];
  const open = rows.find(({ id }) => id === chosen);
  const waiting = log.data?.pages[0]?.unreviewed;
  return (
    <>
      <PageHead
        title="Break-glass log"
        line={waiting === undefined ? null : `${waiting} waiting for a review`}
      />
      <AuthorizationTabs />
      <div className={page.filters}>
        <SegmentedControl
          aria-label="Show uses"
          value={show}
          onChange={(value) => setShown(value === "all" ? null : value)}
          data={[
            { value: "all", label: "All" },
            { value: "unreviewed", label: "Not reviewed" },
          ]}
        />
      </div>
      <div className={open ? `${page.grid} ${page.two}` : page.grid}>
        <Panel title={show === "all" ? "Uses" : "Uses that wait for a review"} flush>
          <Loaded query={log} what="the uses of break-glass" rows={6}>
            {() => <Uses rows={rows} show={show} chosen={open?.id} />}
          </Loaded>
          {log.hasNextPage ? (
            <div className={page.more}>
              <Button
                variant="default"
                loading={log.isFetchingNextPage}
                onClick={() => void log.fetchNextPage()}
              >
                Show more
              </Button>
            </div>
          ) : null}
        </Panel>
        {open ? <BreakGlassUse use={open} onClose={() => setChosen(null)} /> : null}
      </div>
    </>
  );
}

type UsesProps = { rows: readonly BreakGlassView[]; show: string; chosen: string | undefined };

function Uses({ rows, show, chosen }: UsesProps) {
  const params = useSearchParams();
  if (rows.length === 0)
    return show === "unreviewed" ? (
      <EmptyState title="No use waits for a review">Every use of break-glass so far was reviewed.</EmptyState>
    ) : (
      <EmptyState title="Nobody has broken glass">
        Those whom the policy names may give an agent a scope alone where it cannot wait. Each use is told to
        those on call and is reviewed here by somebody else.
      </EmptyState>
    );
  const href = (id: string) => {
    const next = new URLSearchParams(params);
    next.set("use", id);
    return `?${next.toString()}`;
  };
  return (
    <DataTable
      label="Uses of break-glass"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ id }) => id}
      rowHref={({ id }) => href(id)}
      selected={chosen ?? null}
    />
  );
}
