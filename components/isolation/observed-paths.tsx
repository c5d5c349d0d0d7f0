import type { IsolationMap } from "#server/layers/isolation/schema.ts";
import { Badge } from "../ui/badge.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { formatCount } from "../ui/format.ts";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";

/** What was reached in the last two hours, beside whether it may be: a denied path that was tried stands out. */
export function ObservedPaths({ map }: { map: IsolationMap }) {
  const rows = [...map.observed].sort((a, b) => Number(a.allowed) - Number(b.allowed) || b.calls - a.calls);
  return (
    <Panel title="Reached in the last two hours" flush>
      {rows.length === 0 ? (
        <EmptyState title="Nothing was reached">
          Actions that name a peer are counted here, zone by zone, as they come in.
        </EmptyState>
      ) : (
        <DataTable
          label="Observed paths"
          rows={rows}
          rowKey={(path) => `${path.from}>${path.peer}`}
          columns={[
            { key: "from", header: "From", render: (path) => path.from.toUpperCase() },
            { key: "peer", header: "Peer", render: (path) => path.peer },
            { key: "to", header: "Zone", render: (path) => path.to?.toUpperCase() ?? "none" },
            { key: "calls", header: "Calls", align: "right", render: (path) => formatCount(path.calls) },
            {
              key: "allowed",
              header: "Policy",
              render: (path) =>
                path.allowed ? <span className="muted">allowed</span> : <Badge tone="critical">denied</Badge>,
            },
          ]}
        />
      )}
    </Panel>
  );
}
