"use client";

import { useMutation } from "@tanstack/react-query";
import type { GrantView } from "#server/layers/authorization/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";

/** Takes one grant back, with a reason, and says what follows at once. */
export function RevokeDialog({ grant, onClose }: { grant: GrantView; onClose: () => void }) {
  const trpc = useTRPC();
  const revoke = useMutation(trpc.grants.revoke.mutationOptions({ onSuccess: onClose }));
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Revoke ${grant.scope}`}
      confirmLabel="Revoke grant"
      danger
      reason={{ label: "Reason" }}
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={(reason) => revoke.mutate({ grantId: grant.id, reason })}
    >
      <p style={{ marginTop: 0 }}>
        {grant.agentName} loses <span className="mono">{grant.scope}</span> at once. Every token that carries
        the grant dies, and the next request with one is refused.
      </p>
    </ConfirmDialog>
  );
}
