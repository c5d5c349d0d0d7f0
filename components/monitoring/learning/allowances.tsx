"use client";

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AllowanceView } from "#server/layers/monitoring/learning-schema.ts";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Instant } from "../../ui/instant.tsx";

type Props = { agent: string; allowances: readonly AllowanceView[] };

/** What analysts' verdicts take off a score, cause by cause, and why; each can be taken back. */
export function Allowances({ agent, allowances }: Props) {
  const mayUndo = usePermits("alerts.triage");
  const [undoing, setUndoing] = useState<AllowanceView | null>(null);
  if (allowances.length === 0) return null;
  return (
    <section aria-label="Allowances">
      <h3 style={{ margin: "0 0 6px", fontSize: 13 }}>What verdicts taught</h3>
      <ul style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: 8 }}>
        {allowances.map((one) => (
          <li
            key={one.feature}
            style={{ display: "flex", gap: 10, alignItems: "baseline", flexWrap: "wrap" }}
          >
            <Badge tone={one.counts ? "medium" : "neutral"}>
              {one.counts ? `−${one.points.toFixed(2)}` : "no effect"}
            </Badge>
            <span style={{ flex: 1, minWidth: 0 }}>
              {one.words}
              {one.endsAt ? (
                <span className="muted">
                  {" "}
                  Ends <Instant at={one.endsAt} as="future" /> at the latest.
                </span>
              ) : null}
            </span>
            {mayUndo && one.verdicts > 0 ? (
              <Button
                size="compact-xs"
                variant="default"
                aria-label={`Take back what verdicts taught of ${one.title}`}
                onClick={() => setUndoing(one)}
              >
                Take back…
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {undoing ? <Undo agent={agent} allowance={undoing} onClose={() => setUndoing(null)} /> : null}
    </section>
  );
}

function Undo({
  agent,
  allowance,
  onClose,
}: {
  agent: string;
  allowance: AllowanceView;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const undo = useMutation(
    trpc.behaviour.undoAllowance.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.behaviour.pathFilter()),
    }),
  );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Take back what verdicts taught of ${allowance.title}`}
      confirmLabel="Take back"
      reason={{ label: "Reason" }}
      pending={undo.isPending}
      error={undo.error}
      onConfirm={(reason) => undo.mutate({ agent, feature: allowance.feature, reason })}
    >
      <p style={{ marginTop: 0 }}>
        {allowance.verdicts} verdicts count no more, for good. The alerts stay closed as they are.
      </p>
    </ConfirmDialog>
  );
}
