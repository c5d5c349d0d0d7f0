import type { ApprovalView } from "#server/layers/authorization/schema.ts";
import { Instant } from "../ui/instant.tsx";
import { Panel } from "../ui/panel.tsx";
import { Timeline, type TimelineEntry } from "../ui/timeline.tsx";
import { durationWords } from "./duration.ts";
import { limitWords } from "./limit-words.ts";

/** What became of a request, from the asking to the grant's end: whether it was ever used, too. */
export function ApprovalTrail({ approval }: { approval: ApprovalView }) {
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
    ...laterEntries(approval),
  ];
  return (
    <Panel title="What became of it" flush>
      <Timeline entries={entries} />
      <Standing lifecycle={approval.lifecycle} />
    </Panel>
  );
}

/** What came after the votes: an end without a grant, the first use, and the end of what was given. */
function laterEntries({ status, decidedAt, decisionReason, lifecycle }: ApprovalView): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const add = (key: string, at: Date | null | undefined, tone: TimelineEntry["tone"], title: string) =>
    at ? entries.push({ key, at, tone, title, detail: "" }) : 0;
  const at = (key: string) => lifecycle.steps.find((step) => step.key === key)?.at;
  if (status === "expired") add("expired", decidedAt, "neutral", "Ended without an answer");
  if (status === "withdrawn") add("withdrawn", decidedAt, "neutral", `Withdrawn: ${decisionReason}`);
  add("used", at("activated"), "brand", "First used: a token carried it");
  const revoked = lifecycle.stage === "revoked";
  add("ended", at("ended"), revoked ? "critical" : "neutral", revoked ? "Grant revoked" : "Grant ended");
  return entries;
}

/** Whether it still lives, until when, and whether anybody ever used it. */
function Standing({ lifecycle: { live, used, endsAt, lastUsedAt } }: Pick<ApprovalView, "lifecycle">) {
  if (used === null) return null;
  return (
    <p className="muted" style={{ margin: 0, padding: "0 14px 12px" }}>
      The grant {live ? "ends" : "ended"}{" "}
      {endsAt ? <Instant at={endsAt} as="future" /> : "when it is revoked"}
      {used ? "" : live ? "; no token has carried it yet" : "; no token ever carried it"}
      {lastUsedAt ? (
        <>
          , last needed by an action <Instant at={lastUsedAt} as="ago" />
        </>
      ) : null}
      .
    </p>
  );
}
