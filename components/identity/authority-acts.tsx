"use client";

import { Button, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AuthorityView } from "#server/layers/identity/authority-schema.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";

type Asking = "taint" | "revoke" | null;

/** The steps that an authority may take next, each with what it means before it is taken. */
export function AuthorityActs({ authority }: { authority: AuthorityView }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [asking, setAsking] = useState<Asking>(null);
  const options = { onSettled: () => client.invalidateQueries(trpc.authorities.pathFilter()) };
  const activate = useMutation(trpc.authorities.activate.mutationOptions(options));
  const taint = useMutation(trpc.authorities.taint.mutationOptions(options));
  const revoke = useMutation(trpc.authorities.revoke.mutationOptions(options));
  const [runActivate, runTaint, runRevoke] = [
    useSteppedUp(activate),
    useSteppedUp(taint),
    useSteppedUp(revoke),
  ];
  const { id: authorityId, status, dependents, purpose } = authority;
  const name = authority.subject.replace(/^CN=/, "");
  const close = () => setAsking(null);
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {status === "prepared" ? (
        <Button
          size="compact-xs"
          loading={activate.isPending}
          aria-label={`Activate ${name}`}
          onClick={() => void runActivate({ authorityId })}
        >
          Activate
        </Button>
      ) : null}
      {status === "superseded" ? (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Taint ${name}`}
          onClick={() => setAsking("taint")}
        >
          Taint…
        </Button>
      ) : null}
      {status === "tainted" || status === "prepared" ? (
        <Button
          size="compact-xs"
          color="red"
          variant="outline"
          aria-label={`Revoke ${name}`}
          onClick={() => setAsking("revoke")}
        >
          Revoke…
        </Button>
      ) : null}
      <ActionError error={activate.error} />
      <ConfirmDialog
        opened={asking === "taint"}
        onClose={close}
        title={`Taint ${name}`}
        confirmLabel="Taint"
        reason={{ label: "Why it is not to be relied on" }}
        pending={taint.isPending}
        error={taint.error}
        onConfirm={async (reason) => {
          if (await runTaint({ authorityId, reason })) close();
        }}
      >
        {dependents === 0
          ? "Nobody depends on it any more. "
          : `Its ${dependents} dependents are asked, at their next contact, to renew now. `}
        Its certificates still count until it is revoked.
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === "revoke"}
        onClose={close}
        title={`Revoke ${name}`}
        confirmLabel={dependents === 0 ? "Revoke" : `Revoke and cut off ${dependents}`}
        danger
        typed={dependents === 0 ? undefined : { label: "Purpose of the authority", expected: purpose }}
        reason={{ label: "Why" }}
        pending={revoke.isPending}
        error={revoke.error}
        onConfirm={async (reason) => {
          if (await runRevoke({ authorityId, reason, acceptedBreaks: dependents })) close();
        }}
      >
        {dependents === 0
          ? "Nobody depends on it: nobody notices. "
          : `${dependents} still depend on it. ${breakWords(purpose)} `}
        It is never believed again.
      </ConfirmDialog>
    </Group>
  );
}

/** What happens to those who still depend on an authority when it is revoked. */
function breakWords(purpose: AuthorityView["purpose"]): string {
  if (purpose === "transport") return "Their connections are cut within a second, and they must enrol again.";
  if (purpose === "server") return "Agents no longer believe a door that still shows its certificate.";
  return `Their ${purpose} certificates count no longer; the next answer asks them for a new key.`;
}
