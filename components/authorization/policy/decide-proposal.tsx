"use client";

import { Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { POLICY_REASON_CHARS_MAX, type ProposalView } from "#server/layers/authorization/proposal-schema.ts";
import { useSteppedUp } from "../../access/step-up.tsx";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import { CheckList } from "../../ui/check-list.tsx";
import page from "../../ui/page.module.css";
import { Panel } from "../../ui/panel.tsx";
import { ReasonField } from "../../ui/reason-field.tsx";

/** Checks that an objection does not need: whoever gains by a change, or sees it outdated, may still reject it. */
const FOR_APPROVAL_ALONE = ["no-interest", "base-current"];

/** The second person's decision; beside it, why this person may or may not approve. */
export function DecideProposal({ proposal }: { proposal: ProposalView }) {
  const trpc = useTRPC();
  const mayDecide = usePermits("policy.decide");
  const [reason, setReason] = useState("");
  const mutation = useMutation(trpc.policy.decide.mutationOptions());
  const withdrawal = useMutation(trpc.policy.withdraw.mutationOptions());
  const decide = useSteppedUp(mutation);
  const { allowed, checks } = proposal.mayApprove;
  const mayReject = checks.every(({ id, passed }) => passed || FOR_APPROVAL_ALONE.includes(id));
  const ready = reason.trim().length >= 3 && !mutation.isPending;
  const cast = (decision: "approve" | "reject") =>
    void decide({ id: proposal.id, digest: proposal.digest, decision, reason: reason.trim() });
  return (
    <Panel title="Your decision">
      <div className={page.form}>
        <CheckList checks={checks} />
        {mayDecide && (allowed || mayReject) ? (
          <>
            <ReasonField value={reason} onChange={setReason} charsMax={POLICY_REASON_CHARS_MAX} />
            <Group gap="sm" justify="space-between">
              <Button
                color="red"
                variant="outline"
                disabled={!ready || !mayReject}
                onClick={() => cast("reject")}
              >
                Reject
              </Button>
              <Button
                disabled={!ready || !allowed}
                loading={mutation.isPending}
                onClick={() => cast("approve")}
              >
                Approve as version {proposal.baseVersion + 1}
              </Button>
            </Group>
          </>
        ) : null}
        {proposal.mayWithdraw ? (
          <Group justify="flex-end">
            <Button
              variant="default"
              loading={withdrawal.isPending}
              onClick={() => withdrawal.mutate({ id: proposal.id })}
            >
              Withdraw your proposal
            </Button>
          </Group>
        ) : null}
        <ActionError error={mutation.error ?? withdrawal.error} />
      </div>
    </Panel>
  );
}
