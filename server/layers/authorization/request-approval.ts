import { agentsAbove } from "../../../db/family.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { ConflictError, InvalidInputError } from "../../kernel/errors.ts";
import { currentPolicy } from "./current-policy.ts";
import { elders } from "./elders.ts";
import { checkAskedLimits } from "./engine/check-asked-limits.ts";
import { SERVING_STATUSES } from "./engine/decide-scopes.ts";
import { readLimits } from "./engine/narrow-limits.ts";
import { expireOverdueApprovals } from "./expire-approvals.ts";
import { openApproval } from "./open-approval.ts";
import { refuseResourceServer, requireCover } from "./require-cover.ts";
import { type RequestApprovalInput, requestApprovalInput } from "./schema.ts";
import { agentByReference } from "./store.ts";

/**
 * Asks that an agent be given a scope for a time. Somebody else decides.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws InvalidInputError `scope_unknown`, `scope_is_standing`, `duration_too_long`, `resource_server`,
 * `amount_unstated`, `amount_currency`, `amount_too_high`.
 * @throws ConflictError `approval_pending` where the same is asked already, `agent_not_in_service`,
 * `parent_not_in_service`, `not_covered_by_parent`.
 */
export async function requestApproval(
  ctx: VerbContext,
  input: RequestApprovalInput,
): Promise<{ approvalId: string }> {
  requirePermission(ctx.actor, "approvals.request");
  const ask = requestApprovalInput.parse(input);
  const { actor, now } = ctx;
  return ctx.db.transaction(async (tx) => {
    const agent = await agentByReference(tx, ask.agent);
    const policy = await currentPolicy(tx);
    const rule = policy.scopes.find((it) => it.scope === ask.scope);
    if (!rule)
      throw new InvalidInputError("scope_unknown", `The policy knows no scope ${ask.scope}.`, {
        scope: ask.scope,
      });
    if (rule.secondsMax === null)
      throw new InvalidInputError(
        "scope_is_standing",
        `${rule.scope} is a base scope: it is granted with the registration, not approved for a time.`,
        { scope: rule.scope },
      );
    if (ask.durationSeconds > rule.secondsMax)
      throw new InvalidInputError(
        "duration_too_long",
        `${rule.scope} is given for at most ${rule.secondsMax} s at a time; ${ask.durationSeconds} s were asked for.`,
        { secondsMax: rule.secondsMax },
      );
    const limits = readLimits(ask.limits);
    const wrong = checkAskedLimits(rule, limits);
    if (wrong) throw new InvalidInputError(wrong.code, wrong.message, { scope: rule.scope });
    if (agent.banned || !SERVING_STATUSES.includes(agent.status))
      throw new ConflictError(
        "agent_not_in_service",
        `The agent is ${agent.banned ? "banned" : agent.status}; release it before you ask for more.`,
        { status: agent.status },
      );
    refuseResourceServer(agent);
    const line = agent.parentId ? await agentsAbove(tx, agent.id) : [];
    requireCover(await elders(tx, line, now), policy, [rule.scope], now);
    await expireOverdueApprovals(tx, { agentId: agent.id, now });
    const { resource, durationSeconds, reason } = ask;
    const approvalId = await openApproval(tx, {
      ...{ agent: { id: agent.id, did: agent.did }, rule, policy, resource, limits, durationSeconds, reason },
      actor,
      now,
    });
    if (!approvalId)
      throw new ConflictError(
        "approval_pending",
        `${rule.scope} is already asked for and waits for a decision.`,
        { scope: rule.scope },
      );
    return { approvalId };
  });
}
