import { notify } from "../../../db/listen.ts";
import { ruleDryRuns } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { InvalidInputError, UnavailableError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { currentRules } from "./current-rules.ts";
import { diffRules } from "./engine/rules/diff-rules.ts";
import { readProposedRules } from "./read-proposed-rules.ts";
import {
  RULE_DRY_RUN_DAYS,
  RULES_TRIED_MAX,
  type StartRuleDryRunInput,
  startRuleDryRunInput,
} from "./rule-dry-run-schema.ts";
import { openRuleDryRuns } from "./rule-dry-run-store.ts";
import { ruleProposalById } from "./rule-proposal-store.ts";
import { type DetectionRule, ruleSet } from "./rules-schema.ts";

const DAY_MS = 86_400_000;
/** So many wait or run at once; the worker does one after the other. */
const OPEN_MAX = 5;

/**
 * Asks the worker to try rules on the last seven days: those that somebody writes, or those that a proposal adds or
 * changes. It changes nothing that counts.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `proposal_unknown`.
 * @throws InvalidInputError `rules_invalid`, `nothing_to_try`. @throws UnavailableError `dry_run_busy`.
 */
export async function startRuleDryRun(
  ctx: VerbContext,
  input: StartRuleDryRunInput,
): Promise<{ id: string }> {
  requirePermission(ctx.actor, "alerts.read");
  const what = startRuleDryRunInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    if ((await openRuleDryRuns(tx)) >= OPEN_MAX)
      throw new UnavailableError("dry_run_busy", "Others are waiting for a dry-run. Try again in a minute.");
    const current = await currentRules(tx);
    let rules: DetectionRule[];
    if ("proposalId" in what) {
      const { document } = await ruleProposalById(tx, what.proposalId);
      rules = diffRules(current, ruleSet.parse(document)).flatMap(({ after }) => after ?? []);
    } else {
      const names = what.rules.map(({ id }) => id);
      const whole = readProposedRules(current, { put: what.rules, remove: [] });
      rules = whole.rules.filter(({ id }) => names.includes(id));
    }
    if (rules.length === 0)
      throw new InvalidInputError(
        "nothing_to_try",
        "The proposal adds and changes no rule: there is nothing to try.",
      );
    const id = uuidv7(now.getTime());
    await tx.insert(ruleDryRuns).values({
      ...{ id, rules: rules.slice(0, RULES_TRIED_MAX), askedAt: now, askedBy: actorRecord(actor).id },
      ...{ fromAt: new Date(now.getTime() - RULE_DRY_RUN_DAYS * DAY_MS), toAt: now },
    });
    const details = { dryRunId: id, rules: rules.map((rule) => rule.id) };
    await appendRecord(tx, { kind: "rules.dry_run", actor, now, details });
    await notify(tx, "rules", id);
    return { id };
  });
}
