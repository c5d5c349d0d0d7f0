"use client";

import { Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { OverrideView } from "#server/layers/authorization/trust-schema.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { ToneIcon } from "../ui/badge.tsx";
import page from "../ui/page.module.css";
import { ReasonField } from "../ui/reason-field.tsx";
import { durationWords } from "./duration.ts";

/** The second person's decision, or why it is not this person's to make. It counts for what is shown and nothing else. */
export function DecideOverride({ override }: { override: OverrideView }) {
  const trpc = useTRPC();
  const [reason, setReason] = useState("");
  const mutation = useMutation(trpc.trust.decideOverride.mutationOptions());
  const decide = useSteppedUp(mutation);
  const { allowed, checks } = override.mayDecide;
  if (!allowed) {
    const failed = checks.filter((check) => !check.passed);
    return (
      <p style={{ margin: 0, display: "flex", gap: 8 }}>
        <ToneIcon tone="medium" />
        <span>You cannot decide this: {failed.map((check) => check.detail).join(" ")}</span>
      </p>
    );
  }
  const ready = reason.trim().length >= 3;
  const cast = (decision: "approve" | "deny") =>
    void decide({ id: override.id, digest: override.digest, decision, reason: reason.trim() });
  return (
    <div className={page.form}>
      <ReasonField value={reason} onChange={setReason} />
      <ActionError error={mutation.error} />
      <Group gap="sm" justify="space-between">
        <Button
          color="red"
          variant="outline"
          disabled={!ready || mutation.isPending}
          onClick={() => cast("deny")}
        >
          Deny
        </Button>
        <Button disabled={!ready} loading={mutation.isPending} onClick={() => cast("approve")}>
          Set to {override.score} for {durationWords(override.durationSeconds)}
        </Button>
      </Group>
    </div>
  );
}
