import type { RecordRow } from "#server/layers/audit/schema.ts";
import { StatusBadge } from "../ui/badge.tsx";
import type { Column } from "../ui/data-table.tsx";
import { formatCount } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";

const OUTCOMES: Record<string, { status: string; label: string }> = {
  allow: { status: "done", label: "allowed" },
  deny: { status: "denied", label: "denied" },
  partial: { status: "partial", label: "in part" },
};

/** What was decided, in a word; nothing where nothing was. */
export function Outcome({ outcome }: { outcome: string | null }) {
  const known = outcome === null ? undefined : OUTCOMES[outcome];
  if (!known) return <span className="muted">{outcome ?? "—"}</span>;
  return known.status === "done" ? (
    <span className="muted">{known.label}</span>
  ) : (
    <StatusBadge status={known.status} label={known.label} />
  );
}

function Who({ record }: { record: RecordRow }) {
  const { actor, agent } = record;
  if (!agent || agent.name === actor) return <>{actor}</>;
  return (
    <>
      {actor} <span className="muted">about {agent.name}</span>
    </>
  );
}

/** The records' table: number in the chain, time, who, what, and how it was decided. */
export const RECORD_COLUMNS: readonly Column<RecordRow>[] = [
  {
    key: "seq",
    header: "Number",
    render: (record) =>
      record.seq === null ? (
        <span className="muted">{record.state}</span>
      ) : (
        <span className="mono">{formatCount(record.seq)}</span>
      ),
  },
  {
    key: "at",
    header: "Time (UTC)",
    render: (record) => (
      <span className="mono">
        <Instant at={record.at} as="time" />
      </span>
    ),
  },
  {
    key: "kind",
    header: "What",
    primary: true,
    grow: true,
    render: (record) => <span className="mono">{record.kind}</span>,
  },
  { key: "actor", header: "Who", render: (record) => <Who record={record} /> },
  { key: "outcome", header: "Decided", render: (record) => <Outcome outcome={record.outcome} /> },
  {
    key: "state",
    header: "State",
    wideOnly: true,
    render: (record) => <span className="muted">{record.state}</span>,
  },
];
