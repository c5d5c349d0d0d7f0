"use client";

import Link from "next/link";
import type { DeciderBrief } from "#server/layers/authorization/brief-schema.ts";
import { StatusBadge } from "../ui/badge.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";

type Past = DeciderBrief["past"];

/** The same scope for the same agent before: who decided how, and whether a grant was ever used. */
export function PastRequests({ past }: { past: Past }) {
  const { asked, granted, denied, unanswered, neverUsed } = past;
  return (
    <Panel
      title="Asked before"
      note={
        asked > 0
          ? `${granted} granted, ${neverUsed} of them never used · ${denied} denied · ${unanswered} unanswered`
          : "last 90 days"
      }
      flush
    >
      {asked === 0 ? (
        <EmptyState title="The first request">
          Nobody asked for this scope for this agent in the last 90 days.
        </EmptyState>
      ) : (
        <DataTable
          label="Earlier requests"
          rows={past.latest}
          rowKey={(request) => request.id}
          columns={[
            {
              key: "asked",
              header: "Asked",
              render: (r) => (
                <Link href={`/approvals/${r.id}`}>
                  <Instant at={r.requestedAt} as="ago" />
                </Link>
              ),
            },
            { key: "state", header: "State", render: (r) => <StatusBadge status={r.status} /> },
            {
              key: "by",
              header: "Decided by",
              wideOnly: true,
              render: (r) => r.decidedBy.join(", ") || <span className="muted">nobody</span>,
            },
            { key: "used", header: "Used", render: used },
          ]}
        />
      )}
    </Panel>
  );
}

function used({ status, activatedAt }: Past["latest"][number]) {
  if (activatedAt) return <Instant at={activatedAt} as="ago" />;
  return <span className="muted">{status === "approved" ? "never" : "—"}</span>;
}
