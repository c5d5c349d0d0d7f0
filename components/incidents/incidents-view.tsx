"use client";

import { Button, SegmentedControl } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { IncidentListRow } from "#server/incidents/views.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge, SeverityBadge, StatusBadge } from "../ui/badge.tsx";
import { Countdown } from "../ui/countdown.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useUrlParam } from "../ui/use-url-param.ts";
import { DeclareIncident } from "./declare-incident.tsx";

const COLUMNS: readonly Column<IncidentListRow>[] = [
  { key: "name", header: "Incident", render: (one) => <span className="mono">{one.name}</span> },
  { key: "title", header: "Title", primary: true, grow: true, render: (one) => one.title },
  { key: "severity", header: "Severity", render: (one) => <SeverityBadge severity={one.severity} /> },
  { key: "agent", header: "Agent", wideOnly: true, render: (one) => one.agent?.name ?? "—" },
  { key: "outcome", header: "Determined", wideOnly: true, render: (one) => <Determined incident={one} /> },
  { key: "clock", header: "Clock", render: (one) => <Clock incident={one} /> },
  {
    key: "tasks",
    header: "Tasks",
    align: "right",
    wideOnly: true,
    render: (one) => `${one.tasksDone}/${one.tasksTotal}`,
  },
  {
    key: "lead",
    header: "Lead",
    wideOnly: true,
    render: (one) => one.lead?.email ?? <span className="muted">nobody</span>,
  },
  { key: "age", header: "Age", wideOnly: true, render: (one) => <Instant at={one.openedAt} as="age" /> },
];

function Determined({ incident }: { incident: IncidentListRow }) {
  if (incident.drill) return <Badge tone="low">drill</Badge>;
  if (incident.outcome === null) return <Badge tone="medium">not yet</Badge>;
  return incident.outcome === "notifiable" ? (
    <Badge tone="high">notify</Badge>
  ) : (
    <span className="muted">need not notify</span>
  );
}

function Clock({ incident }: { incident: IncidentListRow }) {
  const { clock } = incident;
  if (!clock) return <span className="muted">none</span>;
  if (clock.status === "running" || clock.status === "overdue") return <Countdown dueAt={clock.dueAt} />;
  return (
    <StatusBadge
      status={clock.status === "received-late" ? "limited" : clock.status}
      label={clock.status.replace("-", " ")}
    />
  );
}

/** Every incident, the newest first, with its clock and how far it is. */
export function IncidentsView() {
  const trpc = useTRPC();
  const mayWork = usePermits("incidents.work");
  const [declaring, setDeclaring] = useState(false);
  const [chosen, setChosen] = useUrlParam("status");
  const status = chosen === "closed" ? "closed" : "open";
  const incidents = useInfiniteQuery(
    trpc.incidents.list.infiniteQueryOptions(
      { status, limit: 50 },
      { getNextPageParam: (last) => last.nextCursor ?? undefined, placeholderData: keepPreviousData },
    ),
  );
  const declare = (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setDeclaring(true)}>
      Declare incident
    </Button>
  );
  return (
    <>
      <PageHead
        title="Incidents"
        line={incidents.data ? `${incidents.data.pages[0]?.total ?? 0} ${status}` : null}
        actions={mayWork ? declare : null}
      />
      <div className={page.filters}>
        <SegmentedControl
          aria-label="Show incidents that are"
          value={status}
          onChange={(value) => setChosen(value === "open" ? null : value)}
          data={[
            { value: "open", label: "Open" },
            { value: "closed", label: "Closed" },
          ]}
        />
      </div>
      <Panel title={status === "open" ? "Open incidents" : "Closed incidents"} flush>
        <Loaded query={incidents} what="the incidents" rows={5}>
          {({ pages }) => {
            const rows = pages.flatMap((one) => one.incidents);
            if (rows.length === 0)
              return status === "open" ? (
                <EmptyState title="No open incident">
                  A containment opens one by itself; a person may declare one, or a drill, at any time.
                </EmptyState>
              ) : (
                <EmptyState title="No incident was closed yet">
                  Closed incidents stay here for good.
                </EmptyState>
              );
            return (
              <DataTable
                label="Incidents"
                columns={COLUMNS}
                rows={rows}
                rowKey={(one) => String(one.number)}
                rowHref={(one) => `/incidents/${one.number}`}
              />
            );
          }}
        </Loaded>
        {incidents.hasNextPage ? (
          <div className={page.more}>
            <Button
              variant="default"
              loading={incidents.isFetchingNextPage}
              onClick={() => void incidents.fetchNextPage()}
            >
              Show older
            </Button>
          </div>
        ) : null}
      </Panel>
      <DeclareIncident opened={declaring} onClose={() => setDeclaring(false)} />
    </>
  );
}
