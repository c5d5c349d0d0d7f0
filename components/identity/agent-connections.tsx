"use client";

import { useQuery } from "@tanstack/react-query";
import type { ObservedConnection } from "#server/layers/identity/connection-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { formatCount, formatPercent } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import { suiteWords } from "./connection-words.ts";

const COLUMNS: readonly Column<ObservedConnection>[] = [
  {
    key: "negotiated",
    header: "Negotiated",
    grow: true,
    render: (one) => (
      <>
        {one.version.replace("v", " ")} <span className="muted">{suiteWords(one)}</span>
        {one.path === "hop" ? <span className="muted"> · through a proxy</span> : null}{" "}
        {one.allowed ? null : <Badge tone="high">outside</Badge>}
      </>
    ),
  },
  {
    key: "count",
    header: "Times",
    align: "right",
    render: ({ count }) => formatCount(count),
  },
  {
    key: "resumed",
    header: "Resumed",
    align: "right",
    render: ({ resumed, count }) => formatPercent(resumed / count),
  },
  { key: "seen", header: "Last seen", render: ({ lastSeenAt }) => <Instant at={lastSeenAt} as="age" /> },
];

/** What the agent's TLS connections negotiated: what it never did before raises an alert. */
export function AgentConnections({ name }: { name: string }) {
  const trpc = useTRPC();
  const observed = useQuery(trpc.agents.connections.queryOptions({ name }));
  const outside = observed.data?.connections.some(({ allowed }) => !allowed);
  return (
    <Panel
      title="Connections observed"
      state={outside ? <Badge tone="high">outside the policy</Badge> : null}
      flush
    >
      <Loaded query={observed} what="the connections" rows={2}>
        {({ connections }) =>
          connections.length === 0 ? (
            <EmptyState title="No connection yet">
              What the agent negotiates appears here within seconds of its first connection.
            </EmptyState>
          ) : (
            <DataTable
              label="Connections observed"
              columns={COLUMNS}
              rows={connections}
              rowKey={({ path, version, cipher, keyExchange }) =>
                `${path} ${version} ${cipher} ${keyExchange}`
              }
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
