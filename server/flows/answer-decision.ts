import type { Database } from "../../db/client.ts";
import type { Check, Decision } from "../kernel/decision.ts";
import { ForbiddenError, UnauthenticatedError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { checkLimits, type LimitedAction } from "../layers/authorization/engine/check-limits.ts";
import type { Limits } from "../layers/authorization/engine/narrow-limits.ts";
import { scopeForAction } from "../layers/authorization/engine/scope-for-action.ts";
import { decidePeer } from "../layers/isolation/engine/decide-peer.ts";
import { checkInService } from "./admit-action/identify-caller.ts";
import type { LiveAgent, VerifiedToken, World } from "./admit-action/world.ts";

/** What is asked: an action in the words of one that is reported, and the token of whoever wants to do it. */
export type DecisionQuestion = LimitedAction & { token: string; action: string };

/**
 * Answers whether the agent that presented a token may do something now, by the same rules that admission uses. The
 * asker compares the token's `cnf` (returned) with the certificate and the key that it saw: only it knows that connection. The answer
 * is recorded, whichever way it goes.
 *
 * @throws ForbiddenError `not_a_resource_server` where an agent asks about another that does not call it.
 */
export async function answerDecision(
  ctx: { db: Database; world: World; now: Date },
  asker: LiveAgent,
  question: DecisionQuestion,
): Promise<Decision & { agent: string | null; boundTo: string | null; jkt: string | null }> {
  const { world, now } = ctx;
  const token = await readToken(world, question.token, now);
  const agent = typeof token === "string" ? undefined : world.agentByDid(token.subject);
  const isCalled = [asker.name, asker.did].includes(question.peer ?? "");
  if (asker.kind !== "resource-server" && agent?.id !== asker.id && !isCalled)
    throw new ForbiddenError(
      "not_a_resource_server",
      "An agent may ask about itself, and about who calls it: the peer must be itself.",
    );
  const checks: Check[] =
    typeof token === "string"
      ? [{ id: "token", passed: false, detail: token }]
      : checksOf(world, token, agent, question, now);
  const outcome = checks.every((check) => check.passed) ? "allow" : "deny";
  await ctx.db.transaction((tx) =>
    appendRecord(tx, {
      kind: "decision.answered",
      actor: { type: "agent", id: asker.id, name: asker.name, did: asker.did },
      now,
      outcome,
      checks,
      ...(agent ? { agent: { id: agent.id, did: agent.did } } : {}),
      ...(typeof token === "string"
        ? {}
        : { grantIds: [...token.grantIds], policyVersion: token.policyVersion ?? undefined }),
      details: {
        action: question.action,
        ...(question.peer ? { peer: question.peer } : {}),
        ...(typeof token === "string" ? {} : { tokenId: token.jti }),
      },
    }),
  );
  return {
    outcome,
    checks,
    agent: agent?.name ?? null,
    boundTo: typeof token === "string" ? null : token.boundTo,
    jkt: typeof token === "string" ? null : token.jkt,
  };
}

/** The verified token, or the sentence that says what is wrong with it. */
async function readToken(world: World, text: string, now: Date): Promise<VerifiedToken | string> {
  try {
    return await world.verifyToken(text, now);
  } catch (error) {
    if (error instanceof UnauthenticatedError) return error.message;
    throw error;
  }
}

function checksOf(
  world: World,
  token: VerifiedToken,
  agent: LiveAgent | undefined,
  question: DecisionQuestion,
  now: Date,
): Check[] {
  const { action, peer } = question;
  if (!agent) return [{ id: "agent-known", passed: false, detail: "The token's agent is not known." }];
  const inService = checkInService(world, agent);
  const scope = scopeForAction(world.policy(), action);
  const carries = scope !== null && token.scopes.includes(scope);
  return [
    {
      id: "token-live",
      passed: !world.isTokenRevoked(token.jti),
      detail: world.isTokenRevoked(token.jti) ? "The token was revoked." : "The token is live.",
    },
    certificateCheck(world, token, agent, now),
    ...(inService.ok ? inService.checks : inService.refusal.checks),
    {
      id: "isolation",
      passed: agent.isolation.state !== "deny_all",
      detail: `${agent.name} is ${agent.isolation.state}.`,
    },
    {
      id: "scope",
      passed: carries,
      detail:
        scope === null
          ? "No scope of the policy covers the action."
          : `The action needs the scope ${scope}; the token ${carries ? "carries" : "does not carry"} it.`,
    },
    ...limitChecks(token, scope, question),
    ...decidePeer({ agentZone: agent.zone, peer, zones: world.zones() }).checks,
  ];
}

/** The sum that was allowed stands in the record; it was compared, so that it is text of the expected form. */
function sumOf(limits: Limits, { details }: DecisionQuestion): string {
  return limits?.amount
    ? `The action moves ${String(details?.amount)} ${limits.amount.currency}, within`
    : "The action keeps to";
}

function limitChecks(token: VerifiedToken, scope: string | null, question: DecisionQuestion): Check[] {
  const limit = scope === null ? undefined : token.limits?.get(scope);
  if (!limit) return [];
  const broken = checkLimits(question, limit);
  return broken
    ? [{ id: broken.code, passed: false, detail: broken.reason }]
    : [
        {
          id: "limits",
          passed: true,
          detail: `${sumOf(limit.limits, question)} the limits of grant ${limit.grantId}.`,
        },
      ];
}

/** A token is good over one certificate: when that one is revoked or ends, the token is worth nothing (RFC 8705 §6.3). */
function certificateCheck(world: World, token: VerifiedToken, agent: LiveAgent, now: Date): Check {
  const credential = world.transportCredential(token.boundTo);
  const live =
    credential?.agentId === agent.id && credential.status === "active" && credential.notAfter > now;
  return {
    id: "bound-certificate",
    passed: live,
    detail: live
      ? "The certificate that the token is bound to counts."
      : "The certificate that the token is bound to was revoked or has ended.",
  };
}
