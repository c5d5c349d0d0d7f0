import type { AlertView } from "#server/layers/monitoring/schema.ts";
import { SeverityBadge, StatusBadge } from "../ui/badge.tsx";
import type { Column } from "../ui/data-table.tsx";
import { formatScore } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";

/** The alerts' table. Columns whose key begins with `extra` give way to an open detail. */
export const ALERT_COLUMNS: readonly Column<AlertView>[] = [
  { key: "severity", header: "Severity", render: (alert) => <SeverityBadge severity={alert.severity} /> },
  { key: "title", header: "Cause", primary: true, grow: true, render: (alert) => alert.title },
  { key: "agent", header: "Agent", wideOnly: true, render: (alert) => alert.agent?.name ?? "—" },
  {
    key: "extra-score",
    header: "Score",
    align: "right",
    wideOnly: true,
    render: (alert) =>
      alert.score === null ? <span className="muted">rule</span> : formatScore(alert.score),
  },
  {
    key: "extra-count",
    header: "Seen",
    align: "right",
    wideOnly: true,
    render: (alert) => `${alert.count}×`,
  },
  { key: "age", header: "Age", render: (alert) => <Instant at={alert.openedAt} as="age" /> },
  {
    key: "extra-status",
    header: "State",
    wideOnly: true,
    render: (alert) =>
      alert.status === "open" ? <span className="muted">new</span> : <StatusBadge status={alert.status} />,
  },
  {
    key: "owner",
    header: "Owner",
    wideOnly: true,
    render: (alert) => alert.owner?.email ?? <span className="muted">nobody</span>,
  },
];
