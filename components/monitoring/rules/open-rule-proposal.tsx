"use client";

import { Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { RuleChange, RuleProposalView } from "#server/layers/monitoring/rule-change-schema.ts";
import { useSteppedUp } from "../../access/step-up.tsx";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import { Badge, StatusBadge } from "../../ui/badge.tsx";
import { CheckList } from "../../ui/check-list.tsx";
import { CopyText } from "../../ui/copy-text.tsx";
import { shortDigest } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import page from "../../ui/page.module.css";
import { Facts } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { ReasonField } from "../../ui/reason-field.tsx";
import { RuleDryRun } from "./rule-dry-run.tsx";
import classes from "./rules.module.css";

/** A proposal of rules that waits: what it changes and which way, what it would have found, and the decision. */
export function OpenRuleProposal({ proposal }: { proposal: RuleProposalView }) {
  const { changes, proposedBy, proposedAt, expiresAt, reason, digest, baseVersion } = proposal;
  const loosens = changes.filter((change) => change.loosens).length;
  const title = `Proposed: version ${baseVersion + 1}`;
  const hasRules = changes.some(({ after }) => after !== null);
  return (
    <div className={`${page.grid} ${page.two}`}>
      <div className={page.stack}>
        <Panel
          title={title}
          state={<StatusBadge status={proposal.status} />}
          note={loosens > 0 ? <Badge tone="high">{loosens} may loosen</Badge> : null}
          flush
        >
          <RuleChanges changes={changes} label={`What ${title.toLowerCase()} changes`} />
        </Panel>
        {hasRules ? <RuleDryRun what={{ proposalId: proposal.id }} /> : null}
      </div>
      <div className={page.stack}>
        <Panel title="Who and why">
          <Facts
            facts={[
              ["Proposed by", proposedBy.name],
              ["Why", reason],
              ["Proposed", <Instant key="at" at={proposedAt} />],
              ["Ends unanswered", <Instant key="ends" at={expiresAt} as="future" />],
              [
                "Digest",
                <CopyText
                  key="digest"
                  text={digest}
                  shown={shortDigest(digest, 8)}
                  label="digest of the proposal"
                />,
              ],
            ]}
          />
        </Panel>
        <Decide proposal={proposal} />
      </div>
    </div>
  );
}

const HOW = {
  added: "new",
  changed: "changed",
  removed: "removed",
  "switched-on": "on",
  "switched-off": "off",
} as const;

/** In what two versions differ, rule by rule. */
export function RuleChanges({ changes, label }: { changes: readonly RuleChange[]; label: string }) {
  return (
    <ul className={classes.changes} aria-label={label}>
      {changes.map(({ rule, how, loosens, said, before, after }) => (
        <li key={rule}>
          <span className={classes.named}>
            <Badge tone={loosens ? "high" : "ok"}>{HOW[how]}</Badge>
            <strong>{after?.title ?? before?.title}</strong>
            <span className="mono muted">{rule}</span>
          </span>
          <ul className={classes.said}>
            {said.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

/** The second person's decision; beside it, why this person may or may not approve. */
function Decide({ proposal }: { proposal: RuleProposalView }) {
  const trpc = useTRPC();
  const mayDecide = usePermits("rules.decide");
  const [reason, setReason] = useState("");
  const mutation = useMutation(trpc.rules.decide.mutationOptions());
  const withdrawal = useMutation(trpc.rules.withdraw.mutationOptions());
  const decide = useSteppedUp(mutation);
  const { allowed, checks } = proposal.mayApprove;
  const mayReject = checks.every(({ id, passed }) => passed || id === "base-current");
  const ready = reason.trim().length >= 3 && !mutation.isPending;
  const cast = (decision: "approve" | "reject") =>
    void decide({ id: proposal.id, digest: proposal.digest, decision, reason: reason.trim() });
  return (
    <Panel title="Your decision">
      <div className={page.form}>
        <CheckList checks={checks} />
        {mayDecide && mayReject ? (
          <>
            <ReasonField value={reason} onChange={setReason} />
            <Group gap="sm" justify="space-between">
              <Button color="red" variant="outline" disabled={!ready} onClick={() => cast("reject")}>
                Reject
              </Button>
              <Button
                disabled={!ready || !allowed}
                loading={mutation.isPending}
                onClick={() => cast("approve")}
              >
                Approve
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
              Withdraw the proposal
            </Button>
          </Group>
        ) : null}
        <ActionError error={mutation.error ?? withdrawal.error} />
      </div>
    </Panel>
  );
}
