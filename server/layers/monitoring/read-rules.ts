import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentRules } from "./current-rules.ts";
import { ruleSetDigest } from "./engine/rules/rule-digest.ts";
import { personOf } from "./list-rule-proposals.ts";
import { RULES_LOOK_BACK_DAYS, type RuleSetView } from "./rule-change-schema.ts";
import { accountsByIds, ruleVersionRows } from "./rule-proposal-store.ts";
import { ruleStats } from "./rule-views-store.ts";

const DAY_MS = 86_400_000;

/** The rules that count now, each with what it found in the last seven days. @throws ForbiddenError `not_permitted`. */
export async function readRules(ctx: VerbContext): Promise<RuleSetView> {
  requirePermission(ctx.actor, "alerts.read");
  const { db, now } = ctx;
  const set = await currentRules(db);
  const [row] = await ruleVersionRows(db, 1);
  const accounts = await accountsByIds(db, [row?.createdBy ?? "", row?.approvedBy ?? ""]);
  const stats = await ruleStats(db, new Date(now.getTime() - RULES_LOOK_BACK_DAYS * DAY_MS));
  return {
    version: set.version,
    digest: ruleSetDigest(set),
    createdBy: row ? personOf(row.createdBy, accounts) : null,
    approvedBy: row?.approvedBy ? personOf(row.approvedBy, accounts) : null,
    reason: row?.reason ?? null,
    createdAt: row?.createdAt ?? null,
    rules: set.rules.map((rule) => {
      const { lastFiredAt, firings, alerts, open, closed, falsePositives } = stats.get(rule.id) ?? NEVER;
      return { rule, lastFiredAt, firings, alerts, open, closed, falsePositives };
    }),
  };
}

const NEVER = { lastFiredAt: null, firings: 0, alerts: 0, open: 0, closed: 0, falsePositives: 0 };
