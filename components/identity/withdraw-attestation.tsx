"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ClaimView, PersonAuthority } from "#server/layers/identity/facts-schema.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { AUTHORITY_NAMES, CLAIM_NAMES } from "./facts-words.ts";

type Props = { claim: ClaimView; authority: PersonAuthority; attestationId: string; onClose: () => void };

/** Takes an attestation back, with a reason that everybody reads where it stood. */
export function WithdrawAttestation({ claim, authority, attestationId, onClose }: Props) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const mutation = useMutation(
    trpc.facts.withdraw.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.facts.pathFilter()),
    }),
  );
  const withdraw = useSteppedUp(mutation);
  const what = `${CLAIM_NAMES[claim.claim].toLowerCase()} by ${AUTHORITY_NAMES[authority].toLowerCase()}`;
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title="Withdraw an attestation"
      confirmLabel="Withdraw"
      danger
      reason={{ label: "Reason", placeholder: "What is not true any more" }}
      pending={mutation.isPending}
      error={mutation.error}
      onConfirm={(reason) => void withdraw({ attestationId, reason })}
    >
      <p style={{ margin: 0 }}>
        The attestation of {what} stops counting at once and for good; the agent's level and its public
        document follow. The same value may be attested anew.
      </p>
    </ConfirmDialog>
  );
}
