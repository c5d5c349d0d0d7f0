import type { z } from "zod";
import { permits, requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentRules } from "./current-rules.ts";
import { mayApproveRules } from "./engine/rules/decide-rule-proposal.ts";
import { diffRules } from "./engine/rules/diff-rules.ts";
import { listRuleProposalsInput, type RuleProposalView, ruleProposalView } from "./rule-change-schema.ts";
import { ruleProposalFacts } from "./rule-proposal-facts.ts";
import {
  type Account,
  accountsByIds,
  type RuleProposalRow,
  ruleProposalRows,
  ruleSetsByVersion,
} from "./rule-proposal-store.ts";
import { type RuleSet, ruleSet } from "./rules-schema.ts";

/** Proposals of rules as one person sees them, the newest first. @throws ForbiddenError `not_permitted`. */
export async function listRuleProposals(
  ctx: VerbContext,
  input: z.input<typeof listRuleProposalsInput>,
): Promise<{ proposals: RuleProposalView[] }> {
  requirePermission(ctx.actor, "alerts.read");
  const { status, limit } = listRuleProposalsInput.parse(input);
  const rows = await ruleProposalRows(ctx.db, { status, limit, now: ctx.now });
  const current = await currentRules(ctx.db);
  const bases = await ruleSetsByVersion(
    ctx.db,
    rows.map(({ baseVersion }) => baseVersion),
  );
  const viewer = ctx.actor.type === "operator" ? [ctx.actor.id] : [];
  const ids = rows.flatMap(({ proposedBy, decidedBy }) => [proposedBy, ...(decidedBy ? [decidedBy] : [])]);
  const accounts = await accountsByIds(ctx.db, [...ids, ...viewer]);
  return {
    proposals: rows.map((row) =>
      viewOf(ctx, row, { current, base: bases.get(row.baseVersion) ?? current, accounts }),
    ),
  };
}

function viewOf(
  { actor, now }: VerbContext,
  row: RuleProposalRow,
  seen: { current: RuleSet; base: RuleSet; accounts: ReadonlyMap<string, Account> },
): RuleProposalView {
  const { current, base, accounts } = seen;
  const overdue = row.status === "pending" && row.expiresAt <= now;
  const decision =
    actor.type === "operator"
      ? mayApproveRules(
          ruleProposalFacts({ proposal: row, accounts, actor, now, currentVersion: current.version }),
        )
      : { outcome: "deny", checks: [{ id: "in-person", passed: false, detail: "Only people decide." }] };
  const isMine = actor.type === "operator" && actor.id === row.proposedBy;
  return ruleProposalView.parse({
    ...row,
    status: overdue ? "expired" : row.status,
    proposedBy: personOf(row.proposedBy, accounts),
    decidedBy: row.decidedBy === null ? null : personOf(row.decidedBy, accounts),
    changes: diffRules(base, ruleSet.parse(row.document)),
    mayApprove: { allowed: decision.outcome === "allow", checks: decision.checks },
    mayWithdraw: isMine && row.status === "pending" && !overdue && permits(actor.roles, "rules.change"),
  });
}

/** A person by their account; the id where it is gone. */
export function personOf(id: string, accounts: ReadonlyMap<string, Account>): { id: string; name: string } {
  return { id, name: accounts.get(id)?.name ?? id };
}
