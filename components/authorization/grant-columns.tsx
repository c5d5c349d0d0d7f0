"use client";

import Link from "next/link";
import type { LiveGrantView } from "#server/layers/authorization/grants-schema.ts";
import { Badge } from "../ui/badge.tsx";
import type { Column } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { RiskBadge } from "./risk.tsx";

/** How a grant came about, in words. */
export const WAYS = { approval: "by approval", "break-glass": "glass broken", standing: "standing" } as const;
export type GrantWay = keyof typeof WAYS;

/** What is shown of each live grant. */
export const GRANT_COLUMNS: readonly Column<LiveGrantView>[] = [
  {
    key: "agent",
    header: "Agent",
    render: (g) => <Link href={`/agents/${g.agentName}`}>{g.agentName}</Link>,
  },
  { key: "scope", header: "Scope", render: (g) => <span className="mono">{g.scope}</span> },
  { key: "risk", header: "Risk", render: (g) => <RiskBadge risk={g.risk} /> },
  { key: "by", header: "Given", render: (g) => <Given grant={g} /> },
  {
    key: "what",
    header: "For what",
    wideOnly: true,
    grow: true,
    render: (g) => <span className="muted">{g.resource ?? g.reason ?? ""}</span>,
  },
  {
    key: "ends",
    header: "Ends",
    render: (g) => (g.expiresAt ? <Instant at={g.expiresAt} as="future" /> : "standing"),
  },
  { key: "used", header: "Last used", render: (g) => <LastUsed grant={g} /> },
];

function Given({ grant }: { grant: LiveGrantView }) {
  const who = grant.grantedByPeople.map(({ name }) => name).join(", ");
  if (grant.by === "break-glass") return <Badge tone="critical">{`glass broken by ${who}`}</Badge>;
  if (grant.approvalId)
    return <Link href={`/approvals/${grant.approvalId}`}>{who ? `approved by ${who}` : "approved"}</Link>;
  return <span className="muted">at registration</span>;
}

function LastUsed({ grant }: { grant: LiveGrantView }) {
  if (grant.proposedForRemoval)
    return (
      <Badge tone="medium">
        idle <Instant at={grant.unusedSince} as="age" />
      </Badge>
    );
  return grant.lastUsedAt ? (
    <Instant at={grant.lastUsedAt} as="ago" />
  ) : (
    <span className="muted">{grant.activatedAt ? "not by an action yet" : "never"}</span>
  );
}
