import { and, between, desc, eq } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { auditPayloads, auditRecords } from "../../db/schema/index.ts";
import { actionsIn, payloadBytes } from "../layers/audit/engine/check-payload.ts";
import { type ApprovedChange, approvedChanges } from "../layers/authorization/approved-changes.ts";
import { currentPolicy } from "../layers/authorization/current-policy.ts";
import { checkLimits } from "../layers/authorization/engine/check-limits.ts";
import { scopeForAction } from "../layers/authorization/engine/scope-for-action.ts";
import type { ScopePolicy } from "../layers/authorization/policy-schema.ts";
import { type Action, action } from "../layers/monitoring/action.ts";
import type { AssessedAgent } from "../layers/monitoring/assess-agents.ts";
import { baselineModels } from "../layers/monitoring/assessment-store.ts";
import { featuresOf } from "../layers/monitoring/engine/features.ts";
import { score } from "../layers/monitoring/engine/score.ts";
import {
  BELIEVED_AHEAD_MS,
  BELIEVED_BACK_MS,
  emptySlice,
  foldAction,
  WINDOW_MS,
} from "../layers/monitoring/engine/slice.ts";
import type { ConsultedApproval } from "../layers/monitoring/engine/temper.ts";

/** More requests than this in a minute are not looked through before containing: it must not wait. */
const REQUESTS_MAX = 500;
const ACTIONS_MAX = 20_000;

/**
 * Weighs what was approved for an agent against the minute that calls for containing it: the actions that each approval
 * covers, by scope and within its limits, are taken out, and the rest is scored again.
 */
export async function consultApprovals(
  db: Database,
  { agent, assessment }: AssessedAgent,
  now: Date,
): Promise<ConsultedApproval[]> {
  const changes = await approvedChanges(db, agent.agentId, now);
  const { windowEndMs } = assessment;
  if (changes.length === 0 || windowEndMs === null || agent.baselineId === null) return [];
  const lasting = changes.some((it) => it.limits !== null && it.from <= now && now < it.until);
  const actions = lasting ? await actionsOfWindow(db, agent.agentId, windowEndMs) : [];
  const policy = await currentPolicy(db);
  const [baseline] = await baselineModels(db, [agent.baselineId]);
  return changes.map((change) => {
    const rest = actions?.filter((it) => !isCovered(it, change, policy)) ?? null;
    return {
      ...{ approvalId: change.approvalId, scope: change.scope, limited: change.limits !== null },
      ...{ fromMs: change.from.getTime(), endsMs: change.until.getTime() },
      seen: actions?.length ?? 0,
      covered: (actions?.length ?? 0) - (rest?.length ?? 0),
      restScore: rest && baseline ? score(restFeatures(rest), windowEndMs, baseline.model).score : null,
    };
  });
}

function isCovered(it: Action, { scope, limits, grantId }: ApprovedChange, policy: ScopePolicy): boolean {
  return (
    limits !== null &&
    scopeForAction(policy, it.action) === scope &&
    checkLimits(it, { limits, grantId }) === null
  );
}

/** Without the networks: an approval explains no new one, so they are not weighed here. */
function restFeatures(actions: readonly Action[]) {
  const slice = emptySlice();
  const inOrder = actions.map((it) => ({ it, atMs: Date.parse(it.at) })).sort((a, b) => a.atMs - b.atMs);
  for (const { it, atMs } of inOrder) foldAction(slice, { ...it, atMs, refused: false });
  return { ...featuresOf([slice]), networks: {} };
}

/** What the agent said it did in a minute, from the signed requests as they came; null where there is too much. */
async function actionsOfWindow(db: Database, agentId: string, endMs: number): Promise<Action[] | null> {
  const startMs = endMs - WINDOW_MS;
  const rows = await db
    .select({ bytes: auditPayloads.bytes, encoding: auditPayloads.encoding })
    .from(auditRecords)
    .innerJoin(auditPayloads, eq(auditPayloads.recordId, auditRecords.id))
    .where(
      and(
        eq(auditRecords.agentId, agentId),
        eq(auditRecords.kind, "agent.actions"),
        between(auditRecords.at, new Date(startMs - BELIEVED_AHEAD_MS), new Date(endMs + BELIEVED_BACK_MS)),
      ),
    )
    .orderBy(desc(auditRecords.at))
    .limit(REQUESTS_MAX + 1);
  if (rows.length > REQUESTS_MAX) return null;
  const actions: Action[] = [];
  for (const { bytes, encoding } of rows) {
    const body = payloadBytes({ bytes, encoding: encoding === "deflate-raw" ? "deflate-raw" : "identity" });
    for (const value of (body && actionsIn(body)) ?? []) {
      const read = action.safeParse(value);
      if (!read.success) continue;
      const atMs = Date.parse(read.data.at);
      if (atMs >= startMs && atMs < endMs) actions.push(read.data);
      if (actions.length > ACTIONS_MAX) return null;
    }
  }
  return actions;
}
