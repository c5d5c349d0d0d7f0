import { permits } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentPolicy } from "./current-policy.ts";
import { mayApproveProposal } from "./engine/decide-proposal.ts";
import { diffPolicies } from "./engine/diff-policies.ts";
import { endedScopes } from "./engine/ended-scopes.ts";
import { readDocument } from "./engine/read-document.ts";
import { personView } from "./list-policy-versions.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import { accountsConcerned, proposalFacts } from "./proposal-facts.ts";
import { type ProposalView, proposalView } from "./proposal-schema.ts";
import { countLiveGrants, countWaiting, type ProposalRow, policiesByVersion } from "./proposal-store.ts";
import { type UserRow, usersByIds } from "./store.ts";

type Seen = {
  current: ScopePolicy;
  base: ScopePolicy;
  after: ScopePolicy;
  users: ReadonlyMap<string, UserRow>;
};

/** Proposals as one person sees them. */
export async function loadProposalViews(
  ctx: VerbContext,
  rows: readonly ProposalRow[],
): Promise<ProposalView[]> {
  if (rows.length === 0) return [];
  const { db, actor, now } = ctx;
  const current = await currentPolicy(db);
  const bases = await policiesByVersion(
    db,
    rows.map(({ baseVersion }) => baseVersion),
  );
  const viewerId = actor.type === "operator" ? actor.id : "";
  const read = rows.map((row) => {
    const after = readDocument(row.document);
    const base = bases.get(row.baseVersion) ?? current;
    return { row, after, base, changes: diffPolicies(base, after) };
  });
  const ids = read.flatMap(({ row, base, after, changes }) => [
    ...accountsConcerned(row, { base, after }, viewerId),
    ...changes.flatMap(({ account }) => account ?? []),
    ...(row.decidedBy ? [row.decidedBy] : []),
  ]);
  const users = await usersByIds(db, ids);
  const waiting = await countWaiting(db, now);
  const views: ProposalView[] = [];
  for (const { row, after, base, changes } of read) {
    const open = row.status === "pending" && row.expiresAt > now;
    views.push({
      ...viewOf(ctx, row, { current, base, after, users }),
      changes,
      people: namesIn(changes, users),
      endsGrants: open ? await countLiveGrants(db, endedScopes(current, after), now) : 0,
      endsRequests: open ? waiting : 0,
    });
  }
  return views;
}

function viewOf(
  { actor, now }: VerbContext,
  row: ProposalRow,
  { current, base, after, users }: Seen,
): Omit<ProposalView, "changes" | "people" | "endsGrants" | "endsRequests"> {
  const overdue = row.status === "pending" && row.expiresAt <= now;
  const { id, baseVersion, digest, reason, proposedAt, expiresAt, decidedAt, decisionReason, version } = row;
  const decision =
    actor.type === "operator"
      ? mayApproveProposal(
          proposalFacts({
            ...{
              proposal: row,
              proposed: { base, after },
              users,
              actor,
              now,
              currentVersion: current.version,
            },
            changedMeanwhile: diffPolicies(base, current),
          }),
        )
      : { outcome: "deny", checks: [{ id: "in-person", passed: false, detail: "Only people decide." }] };
  return {
    ...{ id, baseVersion, digest, reason, proposedAt, expiresAt, decidedAt, decisionReason, version },
    document: after,
    proposedBy: personView(row.proposedBy, users),
    decidedBy: row.decidedBy === null ? null : personView(row.decidedBy, users),
    status: proposalView.shape.status.parse(overdue ? "expired" : row.status),
    mayApprove: { allowed: decision.outcome === "allow", checks: decision.checks },
    mayWithdraw:
      row.status === "pending" &&
      !overdue &&
      actor.type === "operator" &&
      actor.id === row.proposedBy &&
      permits(actor.roles, "policy.change"),
  };
}

function namesIn(
  changes: ProposalView["changes"],
  users: ReadonlyMap<string, UserRow>,
): Record<string, string> {
  const ids = changes.flatMap(({ account }) => account ?? []);
  return Object.fromEntries(ids.map((id) => [id, users.get(id)?.name ?? id]));
}
