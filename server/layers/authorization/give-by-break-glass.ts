import type { Tx } from "../../../db/client.ts";
import { lockLine } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { breakGlassUses, grants } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { Check, Decision } from "../../kernel/decision.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { currentPolicy } from "./current-policy.ts";
import { elders } from "./elders.ts";
import { breakGlassLimits, decideBreakGlass } from "./engine/decide-break-glass.ts";
import { coverFromAbove, type Elder, firstEnd } from "./engine/decide-scopes.ts";
import type { BreakGlassAnswer, breakGlassInput } from "./glass-schema.ts";
import { type Operator, ownersOf, personNow, personOf } from "./person-now.ts";
import type { ScopePolicy, ScopeRule } from "./policy-schema.ts";
import { coverChecks } from "./require-cover.ts";
import { type AgentRow, agentByReference, lockUsers, unknownAgent } from "./store.ts";
import { isBroken, usersOverdue, usersUnreviewed } from "./store-break-glass.ts";

type Ask = { input: ReturnType<typeof breakGlassInput.parse>; stepUp: string; actor: Operator; now: Date };
type Seen = Ask & {
  agent: AgentRow;
  ownerIds: string[];
  above: Elder[];
  policy: ScopePolicy;
  rule: ScopeRule;
};
export type BrokenGlass = { agent: AgentRow; rule: ScopeRule; answer: BreakGlassAnswer };

/**
 * Gives an agent a scope by one person's word, with the use that somebody else must review, in the caller's
 * transaction. The agent's row is held, so that of many at once one gives it. What is refused is recorded.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws InvalidInputError `scope_unknown`.
 */
export async function giveByBreakGlass(tx: Tx, ask: Ask): Promise<BrokenGlass | { failed: Check }> {
  requirePermission(ask.actor, "glass.break");
  const { input, now } = ask;
  const { id } = await agentByReference(tx, input.agent);
  const [agent, ...line] = await lockLine(tx, id, "update");
  if (!agent) throw unknownAgent(id);
  const policy = await currentPolicy(tx);
  const rule = policy.scopes.find((it) => it.scope === input.scope);
  if (!rule)
    throw new InvalidInputError("scope_unknown", `The policy knows no scope ${input.scope}.`, {
      scope: input.scope,
    });
  const seen = {
    ...ask,
    agent,
    ownerIds: ownersOf([agent, ...line]),
    policy,
    rule,
    above: await elders(tx, line, now),
  };
  const decision = await decide(tx, seen);
  const failed = decision.checks.find((check) => !check.passed);
  if (failed) {
    await writeRecord(tx, seen, decision, null);
    return { failed };
  }
  const answer = await give(tx, seen);
  await writeRecord(tx, seen, decision, answer);
  await notify(tx, "grant", agent.id);
  return { agent, rule, answer };
}

async function decide(
  tx: Tx,
  { actor, agent, ownerIds, policy, rule, above, input, now }: Seen,
): Promise<Decision> {
  const overdue = await usersOverdue(tx, now);
  const unreviewed = await usersUnreviewed(tx, agent.id, rule.scope);
  const users = await lockUsers(tx, [actor.id, ...ownerIds, ...overdue, ...unreviewed]);
  return decideBreakGlass(
    {
      person: personNow(actor, users, "glass.break"),
      rule: policy.breakGlass,
      owners: ownerIds.map((id) => personOf(users, id)),
      agent,
      cover: coverChecks(above, policy, rule.scope, now),
      overdue: overdue.map((id) => personOf(users, id)),
      alreadyBroken: await isBroken(tx, agent.id, rule.scope, now),
      unreviewed: unreviewed.map((id) => personOf(users, id)),
    },
    { scope: rule, seconds: input.durationSeconds },
  );
}

async function give(
  tx: Tx,
  { actor, agent, policy, rule, above, input, stepUp, now }: Seen,
): Promise<BreakGlassAnswer> {
  const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  const cover = firstEnd(coverFromAbove(above, rule, now).grants);
  const asked = after(input.durationSeconds);
  const endsAt = cover && cover < asked ? cover : asked;
  const reviewDueAt = after(policy.breakGlass.reviewWithinSeconds);
  const breakGlassId = uuidv7(now.getTime());
  const grantId = uuidv7(now.getTime());
  const given = { agentId: agent.id, scope: rule.scope, policyVersion: policy.version };
  await tx.insert(breakGlassUses).values({
    ...{ ...given, id: breakGlassId, userId: actor.id, reason: input.reason, stepUp },
    ...{ usedAt: now, endsAt, reviewDueAt },
  });
  await tx.insert(grants).values({
    ...{ ...given, id: grantId, breakGlassId, grantedBy: actor.id, grantedAt: now, expiresAt: endsAt },
    limits: breakGlassLimits(rule),
  });
  return { breakGlassId, grantId, endsAt, reviewDueAt };
}

async function writeRecord(
  tx: Tx,
  { actor, agent, policy, rule, input, stepUp, now }: Seen,
  { outcome, checks }: Decision,
  answer: BreakGlassAnswer | null,
): Promise<void> {
  await appendRecord(tx, {
    kind: answer ? "break_glass.used" : "break_glass.refused",
    ...{
      actor,
      now,
      outcome,
      checks,
      agent: { id: agent.id, did: agent.did },
      policyVersion: policy.version,
    },
    ...(answer ? { grantIds: [answer.grantId], subjects: [answer.breakGlassId] } : {}),
    details: {
      ...{ scope: rule.scope, risk: rule.risk, reason: input.reason, stepUp },
      durationSeconds: input.durationSeconds,
      breakGlassId: answer?.breakGlassId,
      endsAt: answer?.endsAt.toISOString(),
      reviewDueAt: answer?.reviewDueAt.toISOString(),
    },
  });
}
