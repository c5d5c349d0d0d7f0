import { Checkbox } from "@mantine/core";
import { SeverityBadge, StatusBadge } from "../ui/badge.tsx";
import type { Column } from "../ui/data-table.tsx";
import { alertName, formatScore } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import classes from "./alerts.module.css";
import { groupName, type QueueRow } from "./shown-groups.ts";

type Marks = {
  /** Null for who may not act: there is nothing to choose for. */
  isChosen: ((row: QueueRow) => boolean) | null;
  choose: (row: QueueRow, range: boolean) => void;
  unfolded: ReadonlySet<string>;
  unfold: (row: QueueRow) => void;
};

/** The queue's table. Columns whose key begins with `extra` give way to an open detail. */
export function queueColumns({ isChosen, choose, unfolded, unfold }: Marks): Column<QueueRow>[] {
  const select: Column<QueueRow> = {
    key: "select",
    header: "",
    render: (row) => (
      <Checkbox
        size="xs"
        aria-label={`Choose ${alertName(row.alert.number)}`}
        checked={isChosen?.(row) ?? false}
        onChange={(event) => choose(row, (event.nativeEvent as MouseEvent).shiftKey === true)}
      />
    ),
  };
  return [
    ...(isChosen ? [select] : []),
    {
      key: "severity",
      header: "Severity",
      render: ({ alert, group }) => <SeverityBadge severity={group?.worst ?? alert.severity} />,
    },
    {
      key: "title",
      header: "Cause",
      primary: true,
      grow: true,
      render: ({ alert, group }) => <span className={group ? "" : classes.member}>{alert.title}</span>,
    },
    {
      key: "members",
      header: "Group",
      render: (row) => <Members row={row} unfolded={unfolded} unfold={unfold} />,
    },
    { key: "agent", header: "Agent", wideOnly: true, render: ({ alert }) => alert.agent?.name ?? "—" },
    {
      key: "extra-score",
      header: "Score",
      align: "right",
      wideOnly: true,
      render: ({ alert }) =>
        alert.score === null ? <span className="muted">rule</span> : formatScore(alert.score),
    },
    {
      key: "extra-count",
      header: "Seen",
      align: "right",
      wideOnly: true,
      render: ({ alert, group }) => `${group?.occurrences ?? alert.count}×`,
    },
    { key: "age", header: "Age", render: ({ alert }) => <Instant at={alert.openedAt} as="age" /> },
    {
      key: "extra-status",
      header: "State",
      wideOnly: true,
      render: ({ alert }) =>
        alert.status === "open" ? <span className="muted">new</span> : <StatusBadge status={alert.status} />,
    },
    {
      key: "owner",
      header: "Owner",
      wideOnly: true,
      render: ({ alert }) => alert.owner?.email ?? <span className="muted">nobody</span>,
    },
  ];
}

function Members({ row, unfolded, unfold }: Pick<Marks, "unfolded" | "unfold"> & { row: QueueRow }) {
  const { group } = row;
  if (!group || group.members < 2) return null;
  const open = unfolded.has(groupName(group));
  return (
    <button
      type="button"
      className={classes.members}
      aria-expanded={open}
      onClick={() => unfold(row)}
      title={`${group.members} alerts of ${group.lead.groupKey}`}
    >
      {open ? "▾" : "▸"} {group.members}
      <span className="visually-hidden"> alerts of this agent and cause</span>
    </button>
  );
}
