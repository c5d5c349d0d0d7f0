"use client";

import type { ProposalView } from "#server/layers/authorization/proposal-schema.ts";
import { StatusBadge } from "../../ui/badge.tsx";
import { CopyText } from "../../ui/copy-text.tsx";
import { shortDigest } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import page from "../../ui/page.module.css";
import { Facts } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { ChangeList, EffectCounts } from "./change-list.tsx";
import { DecideProposal } from "./decide-proposal.tsx";
import { DryRunPanel } from "./dry-run-panel.tsx";

/** A proposal that waits: what it changes and which way, what it ends, what it would have done, and the decision. */
export function OpenProposal({ proposal }: { proposal: ProposalView }) {
  const { changes, people, proposedBy, proposedAt, expiresAt, reason, digest, baseVersion } = proposal;
  const title = `Proposed: version ${baseVersion + 1}`;
  return (
    <div className={`${page.grid} ${page.two}`}>
      <div className={page.stack}>
        <Panel
          title={title}
          state={<StatusBadge status={proposal.status} />}
          note={<EffectCounts changes={changes} />}
          flush
        >
          <ChangeList changes={changes} people={people} label={`What ${title.toLowerCase()} changes`} />
        </Panel>
        <DryRunPanel what={{ proposalId: proposal.id }} />
      </div>
      <div className={page.stack}>
        <Panel title="Who and why">
          <Facts
            facts={[
              ["Proposed by", proposedBy.name],
              ["Why", reason],
              ["Proposed", <Instant key="at" at={proposedAt} />],
              ["Ends unanswered", <Instant key="ends" at={expiresAt} as="future" />],
              ["Changes", `version ${baseVersion}`],
              ["Would end", endsWords(proposal)],
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
        <DecideProposal proposal={proposal} />
      </div>
    </div>
  );
}

function endsWords({ endsGrants, endsRequests }: ProposalView): string {
  const grants =
    endsGrants === 1 ? "1 live grant and its tokens" : `${endsGrants} live grants and their tokens`;
  const requests = endsRequests === 1 ? "1 request that waits" : `${endsRequests} requests that wait`;
  return `${grants}; ${requests}, to be asked anew`;
}
