import type { Tx } from "../../../db/client.ts";
import { lockLine } from "../../../db/family.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Check } from "../../kernel/decision.ts";
import { appendRecord } from "../audit/append.ts";
import { askForApproval } from "./ask-for-approval.ts";
import { currentPolicy } from "./current-policy.ts";
import type { DecisionOpinion } from "./decision-schema.ts";
import type { IssuedDetail } from "./details-schema.ts";
import { elders } from "./elders.ts";
import type { CountingTrust } from "./engine/apply-override.ts";
import { decideScopes, type ScopeDecision } from "./engine/decide-scopes.ts";
import { narrowDecision } from "./engine/narrow-decision.ts";
import type { Limits } from "./engine/narrow-limits.ts";
import { keepTrust } from "./keep-trust.ts";
import type { ClientAuthMethod, Risk, ScopePolicy } from "./policy-schema.ts";
import { type AgentRow, liveGrants, unknownAgent } from "./store.ts";
import { writeToken } from "./write-token.ts";

export type RefusedScope = ScopeDecision["refused"][number] & { approvalId?: string };

/** What the token endpoint may hand out; `token` is null where nothing was granted. */
export type TokenDecision = {
  token: {
    jti: string;
    scopes: string[];
    grantIds: string[];
    /** Grants of those above the agent, with any of which it ends. */
    restsOn: string[];
    /** What it carries of its grants' limits (RFC 9396); null where nothing narrows them. */
    authorizationDetails: IssuedDetail[] | null;
    policyVersion: number;
    issuedAt: Date;
    expiresAt: Date;
  } | null;
  granted: { scope: string; risk: Risk; grantIds: string[] }[];
  refused: RefusedScope[];
};

/** How the agent proved itself, beside its certificate. */
export type ClientProof = {
  clientAuth: ClientAuthMethod;
  /** Thumbprint of the key that each request with the token must prove as well (RFC 9449); null where none. */
  jkt: string | null;
};

/** What is asked for, of whom it is known that they are this agent. */
export type TokenAsk = {
  agentId: string;
  requested: readonly string[];
  /** Limits that the agent asks for, by scope; a scope among them need not be `requested` as well. */
  asked?: ReadonlyMap<string, Limits> | undefined;
  thumbprint: string;
  boundUntil: Date;
  /** The agent's parent, where it is known. */
  parentId?: string | null;
  proof?: ClientProof | undefined;
  /** What a decision point said before; it can only take away. Null or absent where our own rules decide alone. */
  opinion?: DecisionOpinion | null;
  now: Date;
};

/**
 * Decides what an agent's token may carry, and writes the token's row and its audit record, in the caller's
 * transaction: a token exists once this is committed, and never before. The rows of the agent and of those above
 * it are held meanwhile, so that a containment or a revocation comes wholly before or wholly after.
 *
 * @param ask no scope `requested` means every scope of a live grant; `boundUntil` is when the transport certificate ends that the token is bound to.
 * @throws NotFoundError `agent_unknown`. @throws UnavailableError `policy_missing`.
 */
export async function issueToken(tx: Tx, ask: TokenAsk): Promise<TokenDecision> {
  const { now } = ask;
  const [agent, ...line] = await lockLine(tx, ask.agentId, "yielding", ask.parentId);
  if (!agent) throw unknownAgent(ask.agentId);
  const policy = await currentPolicy(tx);
  const held = await liveGrants(tx, [agent.id], now);
  const above = await elders(tx, line, now);
  const named = [...new Set([...ask.requested, ...(ask.asked?.keys() ?? [])])];
  const requested = named.length > 0 ? named : [...new Set(held.map(({ scope }) => scope))];
  const trust = needsTrust(policy, requested) ? await keepTrust(tx, agent.id, now) : null;
  const own = decideScopes({
    ...{ policy, agent, above, requested, grants: held, now },
    asked: ask.asked,
    trust: trust?.score ?? null,
  });
  const decision = narrowDecision(own, ask.opinion ?? null);
  const refused = await withApprovals(tx, agent, policy, decision.refused, ask);
  const token =
    decision.granted.length > 0 ? await writeToken(tx, ask, policy, decision.granted, held) : null;
  const riskOf = (scope: string) => policy.scopes.find((rule) => rule.scope === scope)?.risk ?? "HIGH";
  const granted = decision.granted.map(({ scope, grantIds }) => ({ scope, risk: riskOf(scope), grantIds }));
  await writeRecord(tx, agent, { token, granted, refused }, { ask, policy, trust });
  return { token, granted, refused };
}

function needsTrust(policy: ScopePolicy, requested: readonly string[]): boolean {
  return policy.scopes.some((rule) => rule.risk === "MEDIUM" && requested.includes(rule.scope));
}

async function withApprovals(
  tx: Tx,
  agent: AgentRow,
  policy: ScopePolicy,
  refused: ScopeDecision["refused"],
  { asked: wanted, now }: TokenAsk,
): Promise<RefusedScope[]> {
  const all: RefusedScope[] = [];
  for (const entry of refused) {
    const rule = policy.scopes.find((it) => it.scope === entry.scope);
    if (entry.rule !== "approval_needed" || !rule) {
      all.push(entry);
      continue;
    }
    const limits = wanted?.get(rule.scope) ?? null;
    const asked = await askForApproval(tx, { agent, rule, policy, limits, actor: agentActor(agent), now });
    all.push({
      ...entry,
      reason: `${entry.reason} ${asked.said}`,
      ...(asked.approvalId ? { approvalId: asked.approvalId } : {}),
    });
  }
  return all;
}

async function writeRecord(
  tx: Tx,
  agent: AgentRow,
  { token, granted, refused }: TokenDecision,
  seen: { ask: TokenAsk; policy: ScopePolicy; trust: CountingTrust | null },
): Promise<void> {
  const checks: Check[] = [
    ...granted.map(({ scope, risk }) => ({
      id: scope,
      passed: true,
      detail: `${scope} is ${risk} and granted.`,
    })),
    ...refused.map(({ scope, reason }) => ({ id: scope, passed: false, detail: reason })),
  ];
  await appendRecord(tx, {
    kind: token ? "token.issued" : "token.refused",
    actor: agentActor(agent),
    now: seen.ask.now,
    agent: { id: agent.id, did: agent.did },
    outcome: token ? (refused.length > 0 ? "partial" : "allow") : "deny",
    checks,
    grantIds: token?.grantIds,
    policyVersion: seen.policy.version,
    details: {
      jti: token?.jti,
      scopes: token?.scopes,
      elevated: granted.filter((it) => it.risk !== "LOW").map((it) => it.scope),
      refused: refused.map(({ scope, rule, approvalId }) => ({ scope, rule, approvalId })),
      restsOn: token?.restsOn.length ? token.restsOn : undefined,
      authorizationDetails: token?.authorizationDetails ?? undefined,
      thumbprint: seen.ask.thumbprint,
      clientAuth: seen.ask.proof?.clientAuth,
      jkt: seen.ask.proof?.jkt ?? undefined,
      expiresAt: token?.expiresAt.toISOString(),
      trust: seen.trust ?? undefined,
      decisionPoint: seen.ask.opinion ?? undefined,
    },
  });
}

function agentActor(agent: AgentRow): Actor {
  return { type: "agent", id: agent.id, name: agent.name, did: agent.did };
}
