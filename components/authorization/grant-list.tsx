"use client";

import { Button } from "@mantine/core";
import { useState } from "react";
import type { GrantView } from "#server/layers/authorization/schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { Badge } from "../ui/badge.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Allows } from "./allows.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { RiskBadge } from "./risk.tsx";

/** Live grants: what, from whom, until when, when an action last needed it; each can be taken back at once. */
export function GrantList({ grants }: { grants: readonly GrantView[] }) {
  const [revoking, setRevoking] = useState<GrantView | null>(null);
  const mayRevoke = usePermits("grants.revoke");
  if (grants.length === 0)
    return (
      <EmptyState title="No grants">
        The agent may do nothing at all. Standing scopes are given at registration, others by approval.
      </EmptyState>
    );
  return (
    <>
      <DataTable
        label="Live grants"
        rows={grants}
        rowKey={(grant) => grant.id}
        columns={[
          { key: "scope", header: "Scope", render: (g) => <Scope grant={g} /> },
          { key: "risk", header: "Risk", wideOnly: true, render: (g) => <RiskBadge risk={g.risk} /> },
          {
            key: "ends",
            header: "Ends",
            render: (g) => (g.expiresAt ? <Instant at={g.expiresAt} as="future" /> : "standing"),
          },
          {
            key: "used",
            header: "Last used",
            wideOnly: true,
            render: (g) =>
              g.lastUsedAt ? <Instant at={g.lastUsedAt} as="age" /> : <span className="muted">never</span>,
          },
          {
            key: "act",
            header: "",
            align: "right",
            render: (g) =>
              mayRevoke ? (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Revoke ${g.scope}`}
                  onClick={() => setRevoking(g)}
                >
                  Revoke…
                </Button>
              ) : null,
          },
        ]}
      />
      {revoking ? <RevokeDialog grant={revoking} onClose={() => setRevoking(null)} /> : null}
    </>
  );
}

/** What is held, within which limits; that nobody approved it is said beside it. */
function Scope({ grant }: { grant: GrantView }) {
  return (
    <>
      <span className="mono">{grant.scope}</span>
      {grant.breakGlassId ? (
        <>
          {" "}
          <Badge tone="high">broke glass</Badge>
        </>
      ) : null}
      {grant.limits ? <Allows limits={grant.limits} /> : null}
    </>
  );
}
