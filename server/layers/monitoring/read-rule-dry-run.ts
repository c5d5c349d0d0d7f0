import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { type RuleDryRunView, readRuleDryRunInput, ruleDryRunView } from "./rule-dry-run-schema.ts";
import { findRuleDryRun } from "./rule-dry-run-store.ts";

/** How far a dry-run of rules has come, and its result. @throws ForbiddenError `not_permitted`. @throws NotFoundError `dry_run_unknown`. */
export async function readRuleDryRun(
  ctx: VerbContext,
  input: z.input<typeof readRuleDryRunInput>,
): Promise<RuleDryRunView> {
  requirePermission(ctx.actor, "alerts.read");
  const row = await findRuleDryRun(ctx.db, readRuleDryRunInput.parse(input).id);
  if (!row) throw new NotFoundError("dry_run_unknown", "There is no such dry-run.");
  const { id, status, fromAt, toAt, recordsRead, readDownTo, result } = row;
  return ruleDryRunView.parse({ id, status, from: fromAt, to: toAt, recordsRead, readDownTo, result });
}
