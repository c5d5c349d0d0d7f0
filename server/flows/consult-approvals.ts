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
 * Weighs what was approved for an agent against the minutes that call for containing it: the actions that each approval
 * covers, by scope and within its limits, are taken out, and the rest is scored again.
 *
 * @param endsMs ends of the windows. @returns for each of them what was consulted.
 */
export async function consultApprovals(
  db: Database,
  agent: Pick<AssessedAgent["agent"], "agentId" | "baselineId">,
  endsMs: readonly number[],
  now: Date,
): Promise<ConsultedApproval[][]> {
  const changes = await approvedChanges(db, agent.agentId, now);
  if (changes.length === 0 || endsMs.length === 0 || agent.baselineId === null) return endsMs.map(() => []);
  const lasting = changes.some((it) => it.limits !== null && it.from <= now && now < it.until);
  const all = lasting
    ? await actionsBetween(db, agent.agentId, Math.min(...endsMs) - WINDOW_MS, Math.max(...endsMs))
    : [];
  const policy = await currentPolicy(db);
  const [baseline] = await baselineModels(db, [agent.baselineId]);
  return endsMs.map((endMs) => {
    const actions = all?.filter(({ atMs }) => atMs >= endMs - WINDOW_MS && atMs < endMs) ?? null;
    return changes.map((change) => {
      const rest = actions?.filter((it) => !isCovered(it, change, policy)) ?? null;
      return {
        ...{ approvalId: change.approvalId, scope: change.scope, limited: change.limits !== null },
        ...{ fromMs: change.from.getTime(), endsMs: change.until.getTime() },
        seen: actions?.length ?? 0,
        covered: (actions?.length ?? 0) - (rest?.length ?? 0),
        restScore: rest && baseline ? score(restFeatures(rest), endMs, baseline.model).score : null,
      };
    });
  });
}

type TimedAction = Action & { atMs: number };

function isCovered(it: Action, { scope, limits, grantId }: ApprovedChange, policy: ScopePolicy): boolean {
  return (
    limits !== null &&
    scopeForAction(policy, it.action) === scope &&
    checkLimits(it, { limits, grantId }) === null
  );
}

/** Without the networks: an approval explains no new one, so they are not weighed here. */
function restFeatures(actions: readonly TimedAction[]) {
  const slice = emptySlice();
  const inOrder = [...actions].sort((a, b) => a.atMs - b.atMs);
  for (const it of inOrder) foldAction(slice, { ...it, refused: false });
  return { ...featuresOf([slice]), networks: {} };
}

/** What the agent said it did, from the signed requests as they came; null where there is too much. */
async function actionsBetween(
  db: Database,
  agentId: string,
  startMs: number,
  endMs: number,
): Promise<TimedAction[] | null> {
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
  const actions: TimedAction[] = [];
  for (const { bytes, encoding } of rows) {
    const body = payloadBytes({ bytes, encoding: encoding === "deflate-raw" ? "deflate-raw" : "identity" });
    for (const value of (body && actionsIn(body)) ?? []) {
      const read = action.safeParse(value);
      if (!read.success) continue;
      const atMs = Date.parse(read.data.at);
      if (atMs >= startMs && atMs < endMs) actions.push({ ...read.data, atMs });
      if (actions.length > ACTIONS_MAX) return null;
    }
  }
  return actions;
}
