"use client";

import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { ActionError } from "../../ui/action-error.tsx";
import { ToneIcon } from "../../ui/badge.tsx";
import page from "../../ui/page.module.css";
import { ReasonField } from "../../ui/reason-field.tsx";

type Check = { id: string; passed: boolean; detail: string };
type Props = {
  mayDecide: { allowed: boolean; checks: readonly Check[] };
  approveLabel: string;
  pending: boolean;
  error: { message: string } | null;
  onDecide: (decision: "approve" | "deny", reason: string) => void;
};

/** The second person's decision, or why it is not this person's to make. */
export function DecideRow({ mayDecide, approveLabel, pending, error, onDecide }: Props) {
  const [reason, setReason] = useState("");
  const failed = mayDecide.checks.filter((check) => !check.passed);
  if (!mayDecide.allowed)
    return (
      <p style={{ margin: 0, display: "flex", gap: 8 }}>
        <ToneIcon tone="medium" />
        <span>You cannot decide this: {failed.map((check) => check.detail).join(" ")}</span>
      </p>
    );
  const ready = reason.trim().length >= 3;
  return (
    <div className={page.form}>
      <ReasonField value={reason} onChange={setReason} />
      <ActionError error={error} />
      <Group gap="sm" justify="space-between">
        <Button
          color="red"
          variant="outline"
          disabled={!ready || pending}
          onClick={() => onDecide("deny", reason.trim())}
        >
          Deny
        </Button>
        <Button disabled={!ready} loading={pending} onClick={() => onDecide("approve", reason.trim())}>
          {approveLabel}
        </Button>
      </Group>
    </div>
  );
}
