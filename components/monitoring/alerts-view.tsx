"use client";

import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { ALERT_SEVERITIES, type AlertView as Alert } from "#server/layers/monitoring/schema.ts";
import { useOperator, usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { DataTable } from "../ui/data-table.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useUrlParam } from "../ui/use-url-param.ts";
import { ALERT_COLUMNS } from "./alert-columns.tsx";
import { AlertDetail } from "./alert-detail.tsx";
import { type AlertView, alertFilterOf, VIEW_TITLES, VIEWS, viewOf } from "./alert-filter.ts";
import { useTriage } from "./use-triage.ts";

/** The alerts to work through, newest first, with the chosen one's detail beside them. */
export function AlertsView() {
  const trpc = useTRPC();
  const { id } = useOperator();
  const mayTriage = usePermits("alerts.triage");
  const [viewParam, setView] = useUrlParam("view");
  const [search, setSearch] = useUrlParam("q");
  const [severity, setSeverity] = useUrlParam("severity");
  const [open, setOpen] = useUrlParam("alert");
  const view = viewOf(viewParam);
  const searchSoon = useDebouncedCallback((text: string) => setSearch(text || null), 200);
  const alerts = useInfiniteQuery(
    trpc.alerts.list.infiniteQueryOptions(alertFilterOf(view, id, search, severity), {
      getNextPageParam: (last) => last.nextCursor ?? undefined,
      placeholderData: keepPreviousData,
    }),
  );
  const triage = useTriage();
  const chosen = open && /^\d+$/.test(open) ? Number(open) : null;
  return (
    <>
      <PageHead
        title="Alerts"
        line={alerts.data ? `${alerts.data.pages[0]?.total ?? 0} in this view` : null}
      />
      <div className={page.filters}>
        <SegmentedControl
          aria-label="View"
          value={view}
          onChange={(value) => setView(value === "open" ? null : (value as AlertView))}
          data={VIEWS.map((value) => ({ value, label: VIEW_TITLES[value] }))}
        />
        <Select
          aria-label="Severity"
          placeholder="Any severity"
          clearable
          data={[...ALERT_SEVERITIES].reverse()}
          value={severity}
          onChange={setSeverity}
          w={140}
        />
        <TextInput
          aria-label="Filter alerts"
          placeholder="Title, rule or agent"
          leftSection={<IconSearch size={14} aria-hidden />}
          defaultValue={search ?? ""}
          onChange={(event) => searchSoon(event.currentTarget.value)}
          w={220}
        />
      </div>
      <div className={chosen === null ? page.grid : `${page.grid} ${page.two}`}>
        <Panel title={`${VIEW_TITLES[view]} alerts`} note={mayTriage ? <TriageKeys /> : null} flush>
          <Loaded query={alerts} what="the alerts" rows={8}>
            {({ pages }) => (
              <AlertTable
                alerts={pages.flatMap((one) => one.alerts)}
                view={view}
                chosen={chosen}
                triage={mayTriage ? triage : null}
              />
            )}
          </Loaded>
          {alerts.hasNextPage ? (
            <div className={page.more}>
              <Button
                variant="default"
                loading={alerts.isFetchingNextPage}
                onClick={() => void alerts.fetchNextPage()}
              >
                Show more
              </Button>
            </div>
          ) : null}
        </Panel>
        {chosen === null ? null : <AlertDetail number={chosen} onClose={() => setOpen(null)} />}
      </div>
    </>
  );
}

type TableProps = {
  alerts: Alert[];
  view: AlertView;
  chosen: number | null;
  triage: ReturnType<typeof useTriage> | null;
};

function AlertTable({ alerts, view, chosen, triage }: TableProps) {
  const params = useSearchParams();
  if (alerts.length === 0)
    return (
      <EmptyState title={view === "closed" ? "No alert was closed yet" : "No alert here"}>
        {view === "mine"
          ? "Nothing is assigned to you. Take one from the unowned view."
          : "Nothing waits in this view. New alerts appear at once, without reloading."}
      </EmptyState>
    );
  const href = (alert: Alert) => {
    const next = new URLSearchParams(params);
    next.set("alert", String(alert.number));
    return `/alerts?${next}`;
  };
  return (
    <DataTable
      label="Alerts"
      columns={
        chosen === null ? ALERT_COLUMNS : ALERT_COLUMNS.filter((column) => !column.key.startsWith("extra"))
      }
      rows={alerts}
      rowKey={(alert) => String(alert.number)}
      rowHref={href}
      selected={chosen === null ? null : String(chosen)}
      rowActions={triage ? { e: triage.acknowledge, a: triage.take } : undefined}
    />
  );
}

function TriageKeys() {
  return (
    <>
      <span>
        <Kbd>j</Kbd> <Kbd>k</Kbd> move
      </span>
      <span>
        <Kbd>e</Kbd> acknowledge
      </span>
      <span>
        <Kbd>a</Kbd> assign to me
      </span>
    </>
  );
}
