"use client";

import { Button, Group, Select } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { ApprovalView } from "#server/layers/authorization/schema.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { ToneIcon } from "../ui/badge.tsx";
import page from "../ui/page.module.css";
import { Panel } from "../ui/panel.tsx";
import { ReasonField } from "../ui/reason-field.tsx";
import { durationWords, shorterDurations } from "./duration.ts";
import { LimitFields } from "./limit-fields.tsx";
import { draftFaults, draftOf, limitsOf, sumWords } from "./limit-words.ts";

/** The decision: a reason, a shorter time and narrower limits if wanted, and one of two buttons. The vote counts for this digest alone. */
export function VoteForm({ approval }: { approval: ApprovalView }) {
  const trpc = useTRPC();
  const [reason, setReason] = useState("");
  const [seconds, setSeconds] = useState(approval.durationSeconds);
  const asked = draftOf(approval.limits);
  const [limits, setLimits] = useState(asked);
  const mutation = useMutation(trpc.approvals.vote.mutationOptions());
  const vote = useSteppedUp(mutation);
  if (!approval.mayVote.allowed) {
    const reasons = approval.mayVote.checks.filter((check) => !check.passed);
    return (
      <Panel title="Your vote">
        <p style={{ margin: 0, display: "flex", gap: 8 }}>
          <ToneIcon tone="medium" />
          <span>
            You cannot vote on this request:{" "}
            {reasons.map((check) => check.detail).join(" ") || "it is decided."}
          </span>
        </p>
      </Panel>
    );
  }
  const ready = reason.trim().length >= 3;
  const faults = draftFaults(limits);
  const sum = approval.limits?.amount;
  const sound = faults.max === null && faults.resources === null && (!sum || limits.max.trim() !== "");
  const changed = limits.max !== asked.max || limits.resources.join(" ") !== asked.resources.join(" ");
  const narrowed = changed ? limitsOf(limits, sum?.currency ?? null) : null;
  const cast = (choice: "approve" | "deny") =>
    void vote({
      id: approval.id,
      digest: approval.digest,
      vote: choice,
      reason: reason.trim(),
      ...(choice === "approve" && seconds !== approval.durationSeconds ? { durationSeconds: seconds } : {}),
      ...(choice === "approve" && narrowed ? { limits: narrowed } : {}),
    });
  return (
    <Panel
      title="Your vote"
      note={`${approval.votesNeeded} ${approval.votesNeeded === 1 ? "person" : "people"} must approve`}
    >
      <div className={page.form}>
        <ReasonField value={reason} onChange={setReason} />
        <Select
          label="Grant for"
          description="As asked, or shorter"
          data={shorterDurations(approval.durationSeconds).map((one) => ({
            value: String(one),
            label: durationWords(one),
          }))}
          value={String(seconds)}
          onChange={(value) => setSeconds(Number(value))}
          allowDeselect={false}
        />
        <LimitFields
          draft={limits}
          onChange={setLimits}
          sum={
            sum
              ? {
                  currency: sum.currency,
                  description: `${sumWords(sum)} was asked for; less, if you agree to less`,
                }
              : null
          }
          resources={{
            description: approval.limits?.resources
              ? "As asked, or fewer; none outside them"
              : "Nothing was named: any, unless you narrow it",
          }}
        />
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
          <Button disabled={!ready || !sound} loading={mutation.isPending} onClick={() => cast("approve")}>
            Approve for {durationWords(seconds)}
          </Button>
        </Group>
      </div>
    </Panel>
  );
}
