"use client";

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ApprovalView } from "#server/layers/authorization/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";

/** Takes one's own request back while it waits; nothing is shown to anybody else. */
export function WithdrawApproval({ approval }: { approval: ApprovalView }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [opened, setOpened] = useState(false);
  const withdraw = useMutation(
    trpc.approvals.withdraw.mutationOptions({
      onSuccess: () => setOpened(false),
      onSettled: () => client.invalidateQueries(trpc.approvals.pathFilter()),
    }),
  );
  if (!approval.mayWithdraw) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        Withdraw request…
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Withdraw the request for ${approval.scope}`}
        confirmLabel="Withdraw request"
        reason={{ label: "Reason", placeholder: "Why it is not needed any more" }}
        pending={withdraw.isPending}
        error={withdraw.error}
        onConfirm={(reason) => withdraw.mutate({ id: approval.id, reason })}
      >
        <p style={{ marginTop: 0 }}>
          The request ends for good and nobody can approve it any more. The same may be asked for anew.
        </p>
      </ConfirmDialog>
    </>
  );
}
