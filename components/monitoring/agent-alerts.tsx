"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.ts";
import { DataTable } from "../ui/data-table.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import { ALERT_COLUMNS } from "./alert-columns.tsx";

const SHOWN = 8;
const KEYS = new Set(["severity", "title", "age"]);

/** The newest alerts about one agent, closed ones as well. */
export function AgentAlerts({ name }: { name: string }) {
  const trpc = useTRPC();
  const alerts = useQuery(trpc.alerts.list.queryOptions({ agent: name, limit: SHOWN }));
  return (
    <Panel title="Alerts" note={alerts.data ? `${alerts.data.total} in all` : null} flush>
      <Loaded query={alerts} what="its alerts" rows={3}>
        {(data) =>
          data.alerts.length === 0 ? (
            <EmptyState title="No alerts">Nothing about this agent stood out so far.</EmptyState>
          ) : (
            <DataTable
              label="Alerts of the agent"
              columns={ALERT_COLUMNS.filter((column) => KEYS.has(column.key))}
              rows={data.alerts}
              rowKey={(alert) => alert.id}
              rowHref={(alert) => `/alerts/${alert.number}`}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
