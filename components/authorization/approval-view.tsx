"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { DeciderBrief } from "#server/layers/authorization/brief-schema.ts";
import type { ApprovalView as Approval } from "#server/layers/authorization/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { Badge, StatusBadge } from "../ui/badge.tsx";
import { CheckList } from "../ui/check-list.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { formatScore, shortDigest } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import page from "../ui/page.module.css";
import { Facts, PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { ApprovalSteps } from "./approval-steps.tsx";
import { ApprovalTrail } from "./approval-trail.tsx";
import classes from "./authorization.module.css";
import { AuthorizationTabs } from "./authorization-tabs.tsx";
import { durationWords } from "./duration.ts";
import { GrantList } from "./grant-list.tsx";
import { LastDayPanel } from "./last-day.tsx";
import { limitWords } from "./limit-words.ts";
import { PastRequests } from "./past-requests.tsx";
import { RiskBadge } from "./risk.tsx";
import { StatementList } from "./statement-list.tsx";
import { VoteForm } from "./vote-form.tsx";
import { WithdrawApproval } from "./withdraw-approval.tsx";

/** One request with everything an approver needs beside the buttons. */
export function ApprovalView({ id }: { id: string }) {
  const trpc = useTRPC();
  const approval = useQuery(trpc.approvals.get.queryOptions({ id }));
  const brief = useQuery(trpc.approvals.brief.queryOptions({ id }));
  return (
    <Loaded query={approval} what="this request" rows={8}>
      {(data) => (
        <>
          <PageHead
            title={`${data.scope} for ${data.agent.name}`}
            state={
              <>
                <StatusBadge status={data.status} />
                <RiskBadge risk={data.risk} />
              </>
            }
            actions={<WithdrawApproval approval={data} />}
          />
          <AuthorizationTabs />
          <div className={`${page.grid} ${page.half}`}>
            <div className={page.stack}>
              <Request approval={data} />
              <Loaded query={brief} what="what to weigh" rows={4}>
                {(known) => <Weigh brief={known} />}
              </Loaded>
              {data.status === "pending" ? <VoteForm approval={data} /> : null}
              <ApprovalTrail approval={data} />
            </div>
            <div className={page.stack}>
              <AgentNow approval={data} />
              <Loaded query={brief} what="the agent's last day" rows={6}>
                {(known) => (
                  <>
                    <LastDayPanel lastDay={known.lastDay} />
                    <PastRequests past={known.past} />
                  </>
                )}
              </Loaded>
              <Panel title="It may already" note={`${data.currentGrants.length} live`} flush>
                <GrantList grants={data.currentGrants} />
              </Panel>
              <ApprovalSteps steps={data.steps} />
              <Panel title="Who may vote">
                <CheckList checks={data.mayVote.checks} />
              </Panel>
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}

function Request({ approval }: { approval: Approval }) {
  return (
    <Panel title="What is asked">
      <Facts
        facts={[
          [
            "Scope",
            <span key="scope" className="mono">
              {approval.scope}
            </span>,
          ],
          ["For what", approval.resource ?? "not said"],
          ["Allows", limitWords(approval.limits)],
          ...(approval.escalation ? ([["Escalated", approval.escalation]] as const) : []),
          ["For how long", `${durationWords(approval.durationSeconds)} from the approval`],
          ["Why", approval.reason],
          [
            "Asked by",
            `${approval.requesterName}${approval.requestedByType === "agent" ? " (the agent itself)" : ""}`,
          ],
          ["Asked", <Instant key="asked" at={approval.requestedAt} />],
          ["Ends unanswered", <Instant key="ends" at={approval.expiresAt} as="future" />],
          [
            "Digest",
            <CopyText
              key="digest"
              text={approval.digest}
              shown={shortDigest(approval.digest, 8)}
              label="digest of the request"
            />,
          ],
        ]}
      />
    </Panel>
  );
}

/** What a grant changes, how far misuse reaches, and what in the decider's own position counts. */
function Weigh({ brief }: { brief: DeciderBrief }) {
  const { change, rule, blastRadius, conflicts } = brief;
  return (
    <>
      <Panel title="What it changes" note={<Link href="/policy">policy version {rule.policyVersion}</Link>}>
        <p style={{ marginTop: 0 }}>{change.said}</p>
        <p style={{ margin: 0 }}>{rule.said}</p>
        {change.actions.length > 0 ? (
          <ul className={classes.patterns} aria-label="Actions that it opens">
            {change.actions.map((action) => (
              <li key={action}>{action}</li>
            ))}
          </ul>
        ) : null}
      </Panel>
      <Panel title="Blast radius">
        <StatementList statements={blastRadius} label="Blast radius" />
      </Panel>
      {conflicts.length > 0 ? (
        <Panel title="Your own position" state={<Badge tone="medium">weigh it</Badge>}>
          <StatementList statements={conflicts} label="Your own position" />
        </Panel>
      ) : null}
    </>
  );
}

function AgentNow({ approval }: { approval: Approval }) {
  return (
    <Panel title="The agent now" state={<StatusBadge status={approval.agent.status} />}>
      <Facts
        facts={[
          [
            "Agent",
            <Link key="agent" href={`/agents/${approval.agent.name}`}>
              {approval.agent.name}
            </Link>,
          ],
          ["Does", approval.agent.title || null],
          ["Behaviour score", approval.score === null ? "none yet" : formatScore(approval.score)],
          ["Trust", approval.trust === null ? "none yet" : formatScore(approval.trust)],
        ]}
      />
    </Panel>
  );
}
