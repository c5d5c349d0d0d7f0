import { and, eq, ne } from "drizzle-orm";
import type { z } from "zod";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { ruleProposals, ruleSets } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { ConflictError, ForbiddenError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { currentRules } from "./current-rules.ts";
import { decideRuleProposal as judgeDecision } from "./engine/rules/decide-rule-proposal.ts";
import { diffRules } from "./engine/rules/diff-rules.ts";
import { ruleSetDigest } from "./engine/rules/rule-digest.ts";
import { type DecideRuleProposalInput, decideRuleProposalInput } from "./rule-change-schema.ts";
import { ruleProposalFacts } from "./rule-proposal-facts.ts";
import { lockAccounts, lockRuleProposal, lockRules, type RuleProposalRow } from "./rule-proposal-store.ts";
import { type RuleSet, ruleSet } from "./rules-schema.ts";

type Wish = z.output<typeof decideRuleProposalInput>;
type By = { actor: Extract<Actor, { type: "operator" }>; stepUp: string; now: Date };

/** Checks that fail because the world moved on, not because of who decides. */
const MOVED_ON: readonly string[] = ["open", "base-current", "same-proposal"];

/**
 * A second person's decision on proposed rules. Approved, they are the version that counts from this transaction on.
 * A decision that the table of the second person refuses is recorded, then thrown.
 *
 * @param stepUp how the person proved a second factor.
 * @returns the new version, or null where the proposal was rejected.
 * @throws ForbiddenError `not_permitted`, or `decision_refused` with the check that failed.
 * @throws ConflictError `decision_refused` where the proposal is decided, over, outdated or not what was seen.
 * @throws NotFoundError `proposal_unknown`.
 */
export async function decideRuleProposal(
  ctx: VerbContext,
  input: DecideRuleProposalInput,
  stepUp: string,
): Promise<{ version: number | null }> {
  requirePermission(ctx.actor, "rules.decide");
  const wish = decideRuleProposalInput.parse(input);
  const { actor, now } = ctx;
  if (actor.type !== "operator" || stepUp === "")
    throw new ForbiddenError("decision_refused", "Only a person who confirmed that it is them decides.");
  const outcome = await ctx.db.transaction((tx) => decide(tx, wish, { actor, stepUp, now }));
  if (!("failed" in outcome)) return outcome;
  const { id, detail } = outcome.failed;
  const Refusal = MOVED_ON.includes(id) ? ConflictError : ForbiddenError;
  throw new Refusal("decision_refused", detail, { check: id });
}

async function decide(tx: Tx, wish: Wish, by: By): Promise<{ version: number | null } | { failed: Check }> {
  const { actor, stepUp, now } = by;
  await lockRules(tx);
  const current = await currentRules(tx);
  const proposal = await lockRuleProposal(tx, wish.id);
  const accounts = await lockAccounts(tx, [actor.id, proposal.proposedBy]);
  const facts = ruleProposalFacts({ proposal, accounts, actor, now, currentVersion: current.version });
  const { checks } = judgeDecision(facts, wish);
  const failed = checks.find((check) => !check.passed);
  const said = { proposalId: proposal.id, digest: wish.digest, reason: wish.reason, stepUp };
  if (failed) {
    const details = { ...said, decision: wish.decision };
    await appendRecord(tx, { kind: "rules.decision_refused", actor, now, checks, outcome: "deny", details });
    return { failed };
  }
  const approved = wish.decision === "approve";
  const version = approved ? proposal.baseVersion + 1 : null;
  await settle(tx, wish, by, version);
  if (approved) await putInForce(tx, proposal, current, { ...by, checks, decisionReason: wish.reason });
  else await appendRecord(tx, { kind: "rules.rejected", actor, now, checks, outcome: "deny", details: said });
  await notify(tx, "rules", approved ? String(version) : proposal.id);
  return { version };
}

/** Leaves `pending` once. */
async function settle(tx: Tx, wish: Wish, by: By, version: number | null): Promise<void> {
  const moved = await tx
    .update(ruleProposals)
    .set({
      status: version === null ? "rejected" : "approved",
      ...{ decidedBy: by.actor.id, decidedAt: by.now, decisionReason: wish.reason },
      ...{ stepUp: by.stepUp, version },
    })
    .where(and(eq(ruleProposals.id, wish.id), eq(ruleProposals.status, "pending")))
    .returning({ id: ruleProposals.id });
  if (moved.length === 0) throw new ConflictError("proposal_decided", "The proposal is already decided.");
}

/** The version, the end of the proposals that came too late, and the record of it. */
async function putInForce(
  tx: Tx,
  proposal: RuleProposalRow,
  before: RuleSet,
  by: By & { checks: Check[]; decisionReason: string },
): Promise<void> {
  const { actor, now, stepUp, checks, decisionReason } = by;
  const after = ruleSet.parse(proposal.document);
  const { version } = after;
  await tx.insert(ruleSets).values({
    ...{ version, document: proposal.document, reason: proposal.reason, createdAt: now },
    ...{ createdBy: proposal.proposedBy, approvedBy: actor.id },
  });
  const decisionOfOthers = `Version ${version} of the rules came first. Propose it anew.`;
  await tx
    .update(ruleProposals)
    .set({ status: "expired", decidedAt: now, decisionReason: decisionOfOthers })
    .where(and(eq(ruleProposals.status, "pending"), ne(ruleProposals.id, proposal.id)));
  await appendRecord(tx, {
    ...{ kind: "rules.changed", actor, now, outcome: "allow", checks },
    details: {
      ...{ version, proposalId: proposal.id, proposalDigest: proposal.digest, stepUp },
      ...{ proposedBy: proposal.proposedBy, reason: proposal.reason, decisionReason },
      ...{ fromVersion: before.version, fromDigest: ruleSetDigest(before), digest: ruleSetDigest(after) },
      changes: diffRules(before, after).map(({ rule, how, loosens, said }) => ({ rule, how, loosens, said })),
    },
  });
}
