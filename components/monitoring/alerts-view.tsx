"use client";

import { Button, SegmentedControl } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import type { AlertGroupPage } from "#server/layers/monitoring/alert-work-schema.ts";
import { useOperator, usePermits } from "../shell/operator.tsx";
import { openShortcuts } from "../shell/shortcuts.tsx";
import { useTRPC } from "../trpc/client.ts";
import { formatDuration } from "../ui/format.ts";
import { Kbd } from "../ui/kbd.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useUrlParam } from "../ui/use-url-param.ts";
import { AlertDetail } from "./alert-detail.tsx";
import { AlertFacetList } from "./alert-facets.tsx";
import { type AlertView, alertFilterOf, VIEW_TITLES, VIEWS, viewOf } from "./alert-filter.ts";
import { AlertHistogram } from "./alert-histogram.tsx";
import { AlertQuery } from "./alert-query.tsx";
import { AlertQueue } from "./alert-queue.tsx";
import classes from "./alerts.module.css";
import { withSpan } from "./query-text.ts";
import { Suppressions } from "./suppressions.tsx";
import { useQueue } from "./use-queue.ts";

/** The alerts to work through by agent and cause, newest first, with the chosen one's detail beside them. */
export function AlertsView() {
  const { id } = useOperator();
  const [viewParam, setView] = useUrlParam("view");
  const [query, setQuery] = useUrlParam("q");
  const [open, setOpen] = useUrlParam("alert");
  const view = viewOf(viewParam);
  const filter = alertFilterOf(view, id, query);
  const queue = useQueue(filter);
  const onQuery = useCallback((text: string) => setQuery(text || null), [setQuery]);
  const chosen = open && /^[1-9]\d{0,8}$/.test(open) ? Number(open) : null;
  return (
    <>
      <PageHead title="Alerts" line={<Line first={queue.first} />} />
      <div className={page.filters}>
        <SegmentedControl
          aria-label="View"
          value={view}
          onChange={(value) => setView(value === "open" ? null : (value as AlertView))}
          data={VIEWS.map((value) => ({ value, label: VIEW_TITLES[value] }))}
        />
        <AlertQuery
          query={query ?? ""}
          onChange={onQuery}
          pills={queue.query.error ? [] : (queue.first?.pills ?? [])}
          error={queue.query.error}
        />
      </div>
      <Narrow filter={filter} query={query ?? ""} onQuery={onQuery} />
      <div className={chosen === null ? page.grid : `${page.grid} ${page.two}`}>
        <Panel
          title={`${VIEW_TITLES[view]} alerts`}
          note={<Hints waiting={queue.waiting} onNew={queue.showNew} />}
          flush
        >
          <Loaded query={queue.query} what="the alerts" rows={8}>
            {({ pages }) =>
              queue.groups.length === 0 ? (
                <Nothing view={view} asked={query !== null} />
              ) : (
                <AlertQueue
                  key={JSON.stringify(filter)}
                  groups={queue.groups}
                  filter={filter}
                  total={pages[0]?.total ?? 0}
                  asOf={pages[0]?.asOf ?? new Date(0)}
                  open={chosen}
                  onNew={queue.showNew}
                />
              )
            }
          </Loaded>
          {queue.query.hasNextPage ? (
            <div className={page.more}>
              <Button
                variant="default"
                loading={queue.query.isFetchingNextPage}
                onClick={() => void queue.query.fetchNextPage()}
              >
                Show more
              </Button>
            </div>
          ) : null}
        </Panel>
        {chosen === null ? null : <AlertDetail number={chosen} onClose={() => setOpen(null)} />}
      </div>
      <Suppressions />
    </>
  );
}

/** How much there is, and how long such things take. */
function Line({ first }: { first: AlertGroupPage | undefined }) {
  const times = useQuery(useTRPC().alerts.times.queryOptions({ days: 30 }));
  if (!first) return null;
  const { acknowledged, resolved } = times.data ?? {};
  const parts = [
    `${first.total} in ${first.groupCount} ${first.groupCount === 1 ? "group" : "groups"}`,
    ...(first.suppressed > 0 ? [`${first.suppressed} counted on suppressions`] : []),
    ...(acknowledged?.meanSeconds != null
      ? [`taken up after ${formatDuration(acknowledged.meanSeconds * 1_000)}`]
      : []),
    ...(resolved?.meanSeconds != null
      ? [`closed after ${formatDuration(resolved.meanSeconds * 1_000)} on average of 30 days`]
      : []),
  ];
  return <>{parts.join(" · ")}</>;
}

type NarrowProps = {
  filter: ReturnType<typeof alertFilterOf>;
  query: string;
  onQuery: (query: string) => void;
};

function Narrow({ filter: { limit: _limit, ...filter }, query, onQuery }: NarrowProps) {
  const facets = useQuery(
    useTRPC().alerts.facets.queryOptions(filter, { placeholderData: keepPreviousData, retry: false }),
  );
  if (!facets.data || facets.data.histogram.bars.length === 0) return null;
  const { facets: values, histogram } = facets.data;
  return (
    <section style={{ marginBottom: 12 }} aria-label="When and what">
      <AlertHistogram histogram={histogram} onSpan={(from, to) => onQuery(withSpan(query, from, to))} />
      <details>
        <summary className="muted" style={{ cursor: "pointer", minHeight: 24 }}>
          Narrow by what they are
        </summary>
        <AlertFacetList facets={values} query={query} onQuery={onQuery} />
      </details>
    </section>
  );
}

function Hints({ waiting, onNew }: { waiting: number; onNew: () => void }) {
  const mayTriage = usePermits("alerts.triage");
  return (
    <>
      {waiting > 0 ? (
        <button type="button" className={classes.pill} onClick={onNew}>
          {waiting} new <Kbd>.</Kbd>
        </button>
      ) : null}
      <span className="visually-hidden" role="status">
        {waiting > 0 ? `${waiting} new, press . to show them` : ""}
      </span>
      {mayTriage ? (
        <button type="button" className={classes.pill} onClick={openShortcuts}>
          Keys <Kbd>?</Kbd>
        </button>
      ) : null}
    </>
  );
}

function Nothing({ view, asked }: { view: AlertView; asked: boolean }) {
  if (asked)
    return (
      <EmptyState title="Nothing matches">Take a part out of the query, or look at another view.</EmptyState>
    );
  return (
    <EmptyState title={view === "closed" ? "No alert was closed yet" : "No alert here"}>
      {view === "mine"
        ? "Nothing is assigned to you. Take one from the unowned view."
        : "Nothing waits in this view. New alerts appear at once, without reloading."}
    </EmptyState>
  );
}
