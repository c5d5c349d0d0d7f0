"use client";

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import type { SuppressionView } from "#server/layers/monitoring/alert-work-schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { alertName } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Panel } from "../ui/panel.tsx";

/** What is counted instead of raised now, with its tally and its end; nothing where nothing is. */
export function Suppressions() {
  const held = useQuery(useTRPC().alerts.suppressions.queryOptions());
  const mayLift = usePermits("alerts.triage");
  const [lifting, setLifting] = useState<SuppressionView | null>(null);
  const rows = held.data?.suppressions ?? [];
  if (rows.length === 0) return null;
  const columns: Column<SuppressionView>[] = [
    {
      key: "rule",
      header: "Rule",
      primary: true,
      render: (one) => (one.cause ? `${one.rule}, ${one.cause}` : one.rule),
    },
    {
      key: "agent",
      header: "Agent",
      render: (one) => <Link href={`/agents/${one.agent.name}`}>{one.agent.name}</Link>,
    },
    { key: "count", header: "Counted", align: "right", render: (one) => `${one.count}×` },
    { key: "until", header: "Ends", render: (one) => <Instant at={one.until} as="future" /> },
    {
      key: "reason",
      header: "Reason",
      grow: true,
      wideOnly: true,
      render: (one) => `${one.createdBy}: ${one.reason}`,
    },
    {
      key: "alert",
      header: "From",
      wideOnly: true,
      render: (one) => <Link href={`/alerts/${one.alertNumber}`}>{alertName(one.alertNumber)}</Link>,
    },
    ...(mayLift
      ? [
          {
            key: "lift",
            header: "",
            render: (one: SuppressionView) => (
              <Button variant="subtle" size="compact-sm" onClick={() => setLifting(one)}>
                Lift…
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <div style={{ marginTop: 14 }}>
      <Panel title="Suppressed now" flush>
        <DataTable label="Suppressed now" columns={columns} rows={rows} rowKey={(one) => one.id} />
      </Panel>
      {lifting ? <Lift one={lifting} onClose={() => setLifting(null)} /> : null}
    </div>
  );
}

/** Ends a suppression before its time. */
export function Lift({ one, onClose }: { one: SuppressionView; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const lift = useMutation(
    trpc.alerts.liftSuppression.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.alerts.pathFilter()),
    }),
  );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Lift the suppression of ${one.rule}`}
      confirmLabel="Lift"
      reason={{ label: "Reason" }}
      pending={lift.isPending}
      error={lift.error}
      onConfirm={(reason) => lift.mutate({ id: one.id, reason })}
    >
      The next of its like on {one.agent.name} opens an alert again. {one.count} were counted so far.
    </ConfirmDialog>
  );
}
