"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { MaintenanceView } from "#server/layers/monitoring/learning-schema.ts";
import { useSteppedUp } from "../../access/step-up.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { DecideRow } from "./decide-row.tsx";

/** The second person's decision on planned maintenance. */
export function DecideMaintenance({ window: it }: { window: MaintenanceView }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const mutation = useMutation(
    trpc.maintenance.decide.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.maintenance.pathFilter()),
    }),
  );
  const decide = useSteppedUp(mutation);
  return (
    <DecideRow
      mayDecide={it.mayDecide}
      approveLabel="Approve maintenance"
      pending={mutation.isPending}
      error={mutation.error}
      onDecide={(decision, reason) => void decide({ id: it.id, digest: it.digest, decision, reason })}
    />
  );
}

/** Ends maintenance at once, or withdraws its plan. */
export function EndMaintenance({ window: it, onClose }: { window: MaintenanceView; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const end = useMutation(
    trpc.maintenance.end.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.maintenance.pathFilter()),
    }),
  );
  const withdraws = it.state === "pending";
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={withdraws ? "Withdraw the plan" : "End maintenance"}
      confirmLabel={withdraws ? "Withdraw" : "End now"}
      reason={{ label: "Reason" }}
      pending={end.isPending}
      error={end.error}
      onConfirm={(reason) => end.mutate({ id: it.id, reason })}
    >
      <p style={{ marginTop: 0 }}>
        {withdraws
          ? "The plan ends undecided. It can be planned again."
          : "From now on a score above 0.9 contains these agents again, whatever causes it."}
      </p>
    </ConfirmDialog>
  );
}
