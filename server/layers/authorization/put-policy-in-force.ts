import { and, eq, ne } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { policyProposals, scopePolicies } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { endGrantsOfScopes } from "./end-grants-of-scopes.ts";
import { endOutdatedApprovals } from "./end-outdated-approvals.ts";
import { diffPolicies } from "./engine/diff-policies.ts";
import { endedScopes } from "./engine/ended-scopes.ts";
import { policyDigest } from "./engine/policy-digest.ts";
import type { ScopePolicy } from "./policy-schema.ts";
import type { ProposalRow } from "./proposal-store.ts";

/** Grants whose ids stand in the record; the rows of all of them name the version that ended them. */
const IDS_RECORDED_MAX = 1_000;

/**
 * Makes an approved proposal the version that counts, in the caller's transaction, which holds the policy's lock:
 * the version, what ends with the one before, the proposals that came too late, and the record of it all.
 *
 * @throws ConflictError `policy_moved_on` where the version is there already.
 */
export async function putPolicyInForce(
  tx: Tx,
  change: {
    proposal: ProposalRow;
    before: ScopePolicy;
    after: ScopePolicy;
    actor: Actor & { type: "operator" };
    stepUp: string;
    decisionReason: string;
    checks: Check[];
    now: Date;
  },
): Promise<void> {
  const { proposal, before, after, actor, stepUp, decisionReason, checks, now } = change;
  const { version } = after;
  const written = await tx
    .insert(scopePolicies)
    .values({
      ...{ version, document: proposal.document, reason: proposal.reason, createdAt: now },
      createdBy: proposal.proposedBy,
      approvedBy: actor.id,
    })
    .onConflictDoNothing()
    .returning({ version: scopePolicies.version });
  if (written.length === 0)
    throw new ConflictError("policy_moved_on", `Version ${version} of the policy is there already.`);
  const scopes = endedScopes(before, after);
  const reason = `Version ${version} of the policy took the scope away or guards it more.`;
  const ended = await endGrantsOfScopes(tx, scopes, { reason, now });
  const requests = await endOutdatedApprovals(tx, now);
  const outdated = await endOtherProposals(tx, proposal.id, version, now);
  await appendRecord(tx, {
    kind: "policy.changed",
    actor,
    now,
    outcome: "allow",
    checks,
    policyVersion: version,
    grantIds: ended.grantIds.length > 0 ? ended.grantIds.slice(0, IDS_RECORDED_MAX) : undefined,
    details: {
      ...{ proposalId: proposal.id, proposalDigest: proposal.digest, stepUp },
      ...{ proposedBy: proposal.proposedBy, reason: proposal.reason, decisionReason },
      ...{ fromVersion: before.version, fromDigest: policyDigest(before), digest: policyDigest(after) },
      changes: diffPolicies(before, after),
      ended: { scopes, grants: ended.grantIds.length, tokens: ended.tokens, requests, proposals: outdated },
    },
  });
  await notify(tx, "policy", String(version));
}

/** Proposals that change a version which counts no more. */
async function endOtherProposals(tx: Tx, id: string, version: number, now: Date): Promise<string[]> {
  const ended = await tx
    .update(policyProposals)
    .set({
      status: "expired",
      decidedAt: now,
      decisionReason: `Version ${version} of the policy came first. Propose it anew.`,
    })
    .where(and(eq(policyProposals.status, "pending"), ne(policyProposals.id, id)))
    .returning({ id: policyProposals.id });
  return ended.map((row) => row.id);
}
