import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ruleSetDigest } from "./engine/rules/rule-digest.ts";
import { personOf } from "./list-rule-proposals.ts";
import type { ruleVersionRow } from "./rule-change-schema.ts";
import { accountsByIds, ruleVersionRows } from "./rule-proposal-store.ts";
import { ruleSet } from "./rules-schema.ts";

const VERSIONS_MAX = 50;

/** The newest fifty versions of the rules, the newest first. @throws ForbiddenError `not_permitted`. */
export async function listRuleVersions(
  ctx: VerbContext,
): Promise<{ versions: z.infer<typeof ruleVersionRow>[] }> {
  requirePermission(ctx.actor, "alerts.read");
  const rows = await ruleVersionRows(ctx.db, VERSIONS_MAX);
  const accounts = await accountsByIds(
    ctx.db,
    rows.flatMap(({ createdBy, approvedBy }) => [createdBy, approvedBy ?? ""]),
  );
  return {
    versions: rows.map(({ version, document, createdBy, approvedBy, reason, createdAt }) => {
      const set = ruleSet.parse(document);
      return {
        ...{ version, reason, createdAt, digest: ruleSetDigest(set), rules: set.rules.length },
        createdBy: personOf(createdBy, accounts),
        approvedBy: approvedBy === null ? null : personOf(approvedBy, accounts),
      };
    }),
  };
}
