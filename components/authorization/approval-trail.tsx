import type { ApprovalView } from "#server/layers/authorization/schema.ts";
import { Instant } from "../ui/instant.tsx";
import { Panel } from "../ui/panel.tsx";
import { Timeline, type TimelineEntry } from "../ui/timeline.tsx";
import { durationWords } from "./duration.ts";
import { limitWords } from "./limit-words.ts";

/** What became of a request, from the asking to the grant's end: whether it was ever used, too. */
export function ApprovalTrail({ approval }: { approval: ApprovalView }) {
  const grant = approval.currentGrants.find((one) => one.id === approval.grantId);
  const entries: TimelineEntry[] = [
    {
      key: "asked",
      at: approval.requestedAt,
      tone: "neutral",
      title: `Asked by ${approval.requesterName}`,
      detail: `policy version ${approval.policyVersion}`,
    },
    ...approval.votes.map((vote) => ({
      key: vote.userId,
      at: vote.votedAt,
      tone: vote.vote === "approve" ? ("ok" as const) : ("critical" as const),
      title: `${vote.vote === "approve" ? `Approved for ${durationWords(vote.durationSeconds)}` : "Denied"} by ${vote.name}`,
      detail: `${vote.reason}${vote.limits ? ` · ${limitWords(vote.limits)}` : ""} · second factor: ${vote.stepUp}`,
    })),
    ...(approval.status === "expired" && approval.decidedAt
      ? [
          {
            key: "expired",
            at: approval.decidedAt,
            tone: "neutral" as const,
            title: "Ended without an answer",
            detail: "",
          },
        ]
      : []),
    ...(grant?.activatedAt
      ? [
          {
            key: "used",
            at: grant.activatedAt,
            tone: "brand" as const,
            title: "First used: a token carried it",
            detail: "",
          },
        ]
      : []),
  ];
  return (
    <Panel title="What became of it" flush>
      <Timeline entries={entries} />
      {grant ? (
        <p className="muted" style={{ margin: 0, padding: "0 14px 12px" }}>
          The grant {grant.live ? "ends" : "ended"}{" "}
          {grant.expiresAt ? <Instant at={grant.expiresAt} as="future" /> : "when it is revoked"}
          {grant.activatedAt ? "" : "; no token has carried it yet"}.
        </p>
      ) : null}
    </Panel>
  );
}
