"use client";

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { LearningProposalView } from "#server/layers/monitoring/learning-schema.ts";
import { useSteppedUp } from "../../access/step-up.tsx";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Instant } from "../../ui/instant.tsx";
import { DecideRow } from "./decide-row.tsx";
import { PROPOSAL_TONES } from "./learning-words.ts";

const SHOWN = 8;

/** What was proposed for an agent's learning, newest first: the open one to decide, the others with their outcome. */
export function LearningProposals({ proposals }: { proposals: readonly LearningProposalView[] }) {
  const [withdrawing, setWithdrawing] = useState<LearningProposalView | null>(null);
  const mayPropose = usePermits("learning.propose");
  if (proposals.length === 0)
    return (
      <p className="muted" style={{ margin: 0 }}>
        Nothing was kept out of its learning, and nothing was changed by hand.
      </p>
    );
  return (
    <section aria-label="Proposals for learning">
      <h3 style={{ margin: "0 0 6px", fontSize: 13 }}>Proposed and decided</h3>
      <ul style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: 12 }}>
        {proposals.slice(0, SHOWN).map((one) => (
          <li key={one.id} style={{ display: "grid", gap: 6 }}>
            <div style={{ display: "flex", gap: 10, alignItems: "baseline", flexWrap: "wrap" }}>
              <Badge tone={PROPOSAL_TONES[one.state]}>{one.state}</Badge>
              <div style={{ flex: 1, minWidth: 0 }}>
                <Told proposal={one} />
              </div>
              {mayPropose && one.state === "pending" ? (
                <Button size="compact-xs" variant="default" onClick={() => setWithdrawing(one)}>
                  Withdraw…
                </Button>
              ) : null}
            </div>
            {one.state === "pending" ? <Decide proposal={one} /> : null}
          </li>
        ))}
      </ul>
      {withdrawing ? <Withdraw proposal={withdrawing} onClose={() => setWithdrawing(null)} /> : null}
    </section>
  );
}

function Told({ proposal: it }: { proposal: LearningProposalView }) {
  const minutes = typeof it.outcome?.minutes === "number" ? it.outcome.minutes : null;
  return (
    <>
      {it.words}
      {it.from ? (
        <>
          {" "}
          from <Instant at={it.from} />
        </>
      ) : null}
      {it.to ? (
        <>
          {" "}
          to <Instant at={it.to} />
        </>
      ) : null}
      , proposed by {it.proposedBy} <Instant at={it.proposedAt} as="ago" />: {it.reason}
      {it.decidedBy && it.decidedAt ? (
        <div>
          Decided by {it.decidedBy} <Instant at={it.decidedAt} as="ago" />: {it.decisionReason}
          {minutes === null ? "" : ` (${minutes} minutes)`}
        </div>
      ) : null}
      {it.state === "pending" ? (
        <div className="muted">
          Open until <Instant at={it.openUntil} />
        </div>
      ) : null}
      {it.state === "waiting" ? (
        <div className="muted">Agreed; it is done once there are enough minutes to learn from.</div>
      ) : null}
    </>
  );
}

function Decide({ proposal }: { proposal: LearningProposalView }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const mutation = useMutation(
    trpc.behaviour.decide.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.behaviour.pathFilter()),
    }),
  );
  const decide = useSteppedUp(mutation);
  return (
    <DecideRow
      mayDecide={proposal.mayDecide}
      approveLabel="Approve"
      pending={mutation.isPending}
      error={mutation.error}
      onDecide={(decision, reason) =>
        void decide({ id: proposal.id, digest: proposal.digest, decision, reason })
      }
    />
  );
}

function Withdraw({ proposal, onClose }: { proposal: LearningProposalView; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const withdraw = useMutation(
    trpc.behaviour.withdraw.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.behaviour.pathFilter()),
    }),
  );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title="Withdraw the proposal"
      confirmLabel="Withdraw"
      reason={{ label: "Reason" }}
      pending={withdraw.isPending}
      error={withdraw.error}
      onConfirm={(reason) => withdraw.mutate({ id: proposal.id, reason })}
    >
      <p style={{ marginTop: 0 }}>It ends undecided and changes nothing. It can be proposed again.</p>
    </ConfirmDialog>
  );
}
