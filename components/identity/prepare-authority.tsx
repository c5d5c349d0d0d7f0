"use client";

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Issuer } from "#server/layers/identity/schema.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";

/** Asks the root for the next authority of a purpose. */
export function PrepareAuthority({ purpose, disabled }: { purpose: Issuer; disabled: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [opened, setOpened] = useState(false);
  const prepare = useMutation(
    trpc.authorities.prepare.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.authorities.pathFilter()),
    }),
  );
  const run = useSteppedUp(prepare);
  const label = disabled ? "In preparation" : "Prepare a successor…";
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        disabled={disabled}
        aria-label={`${label} (${purpose} authority)`}
        onClick={() => setOpened(true)}
      >
        {label}
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Prepare a new ${purpose} authority`}
        confirmLabel="Prepare"
        reason={{ label: "Why", placeholder: "Yearly change of keys" }}
        pending={prepare.isPending}
        error={prepare.error}
        onConfirm={async (reason) => {
          if (await run({ purpose, reason })) setOpened(false);
        }}
      >
        The root certifies a new key. It is believed at once and signs nothing until you activate it, so
        nobody notices.
      </ConfirmDialog>
    </>
  );
}
