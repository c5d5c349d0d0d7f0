import { VigilError } from "../../kernel/errors.ts";
import { checkLine, FAMILY_GENERATIONS_MAX, type Kin, SERVING_STATUSES } from "../../kernel/family-line.ts";
import {
  parseSignatureHeaders,
  type StatedSignature,
  verifyRequestSignature,
} from "../../kernel/http-signature.ts";
import {
  type AgentRequest,
  type LiveAgent,
  type LiveCredential,
  passed,
  refuse,
  type Step,
  type World,
} from "./world.ts";

export type Caller = { agent: LiveAgent; credential: LiveCredential };
export type Signature = StatedSignature & { base: string };

/** Whose connection this is: a certificate that counts now, of an agent that exists. */
export function identifyConnection(
  world: World,
  request: Pick<AgentRequest, "thumbprint">,
  now: Date,
): Step<Caller> {
  const credential = world.transportCredential(request.thumbprint);
  const agent = credential && world.agent(credential.agentId);
  if (!credential || !agent)
    return refuse(
      401,
      "certificate_unknown",
      "This certificate belongs to no agent that Vigil knows. Enrol the agent again.",
    );
  if (credential.status !== "active")
    return refuse(401, "certificate_revoked", "This certificate was revoked. Renew it or enrol again.");
  if (credential.notAfter <= now || credential.notBefore > now)
    return refuse(401, "certificate_expired", "This certificate is not valid at this time. Renew it.", {
      facts: { notAfter: credential.notAfter.toISOString() },
    });
  return {
    ok: true,
    agent,
    credential,
    checks: [passed("certificate", `The connection's certificate is ${agent.name}'s.`)],
  };
}

/** Whether the agent's life allows it to act at all, and those above it may act: asked at every request. */
export function checkInService(world: Pick<World, "agent">, agent: LiveAgent): Step<object> {
  if (agent.banned) return refuse(403, "agent_banned", `${agent.name} is banned.`);
  if (!SERVING_STATUSES.includes(agent.status))
    return refuse(
      403,
      `agent_${agent.status}`,
      `${agent.name} is ${agent.status}; it may act again when a person has released it.`,
      { facts: { reason: agent.isolation.reason } },
    );
  const checks = [passed("agent-status", `${agent.name} is ${agent.status}.`)];
  if (agent.parentId === null) return { ok: true, checks };
  const line = checkLine(lineAbove(world, agent));
  if (!line.passed) return refuse(403, "parent_not_in_service", line.detail);
  return { ok: true, checks: [...checks, line] };
}

/** Whether it is an agent at all: a resource server asks about others and reports nothing itself. */
export function checkReports(agent: LiveAgent): Step<object> {
  if (agent.kind === "agent") return { ok: true, checks: [] };
  return refuse(
    403,
    "not_an_agent",
    `${agent.name} is a ${agent.kind}: it asks about agents and reports no actions.`,
  );
}

/** Those above an agent as this gateway holds them; null for one that it does not know, which ends the line. */
function lineAbove(world: Pick<World, "agent">, agent: LiveAgent): (Kin | null)[] {
  const line: (Kin | null)[] = [];
  for (let id = agent.parentId; id !== null && line.length < FAMILY_GENERATIONS_MAX; ) {
    const parent = world.agent(id);
    line.push(parent ? { ...parent, isolated: parent.isolation.state === "deny_all" } : null);
    id = parent?.parentId ?? null;
  }
  return line;
}

/** Whether these exact bytes were signed, just now, by this agent's signature key (RFC 9421). */
export function checkSignature(
  world: World,
  agent: LiveAgent,
  request: AgentRequest,
  now: Date,
): Step<{ signature: Signature }> {
  try {
    const stated = parseSignatureHeaders(request.headers);
    const credential = world.signatureCredential(stated.keyId);
    if (!credential || credential.agentId !== agent.id)
      return refuse(
        401,
        "signature_key_unknown",
        `The signature's key is not a signature key of ${agent.name}.`,
      );
    if (credential.status !== "active" || credential.notAfter <= now)
      return refuse(401, "signature_key_ended", "The signature's key was revoked or has expired. Renew it.");
    const decision = verifyRequestSignature(request, stated, credential.publicKey, now);
    if (decision.outcome === "deny" || decision.base === null) return invalidSignature(decision.checks);
    return {
      ok: true,
      signature: { ...stated, base: decision.base },
      checks: [passed("signature", "The signature covers these bytes and verifies.")],
    };
  } catch (error) {
    if (error instanceof VigilError) return refuse(401, error.code, error.message);
    throw error;
  }
}

function invalidSignature(checks: { id: string; passed: boolean; detail: string }[]) {
  const broken = checks.find((check) => !check.passed);
  return refuse(
    401,
    "signature_invalid",
    `The request's signature does not hold. What must be true and is not: ${broken?.detail ?? "it verifies."}`,
    { checks, facts: { check: broken?.id ?? "signature-verifies" } },
  );
}
