import type { Check } from "../../server/kernel/decision.ts";
import { agentDid } from "../../server/layers/identity/engine/names.ts";
import { AgentError } from "../errors.ts";
import { firstFault, judgePeer, type PeerVerdict } from "./judge-peer.ts";
import type { DecisionAnswer, Peering, Touched } from "./peering.ts";
import type { CallRequest } from "./read-call.ts";
import type { ServeOptions } from "./serve-agent.ts";
import type { PeerProof } from "./tls-options.ts";

/** A call that was allowed, as its handler gets it. */
export type PeerCall = { from: { agent: string; did: string }; action: string; body: unknown };

export type CallAnswer = { status: number; body: unknown; close: boolean };

/**
 * Answers one request of a peer: who it is, by its certificate and the newest lists; what it asks; whether Vigil
 * allows it now. Refusals say which check failed; a peer that proved nothing loses its connection.
 */
export async function answerCall(
  peering: Peering,
  { onCall, onRefusal, touched }: ServeOptions,
  proof: PeerProof,
  request: CallRequest,
): Promise<CallAnswer> {
  let agent: string | null = null;
  try {
    const peer = await identify(peering, proof);
    agent = peer.agent;
    if (request.route === null)
      throw new AgentError("unknown_path", 404, "There are POST /v1/calls and GET /v1/peer.");
    if (request.route === "peer") return answerOf(200, { ...seen(proof, peer), to: peering.identity.agent });
    const token = request.token();
    const call = await request.read();
    const about = touched?.({ action: call.action, body: call.body }) ?? {};
    const checks = await decide(peering, peer, { ...about, token, action: call.action });
    const from = { agent: peer.agent, did: agentDid(peer.agent) };
    const answer = await onCall({ from, action: call.action, body: call.body });
    const said = { ...seen(proof, peer), to: peering.identity.agent, action: call.action, checks };
    return answerOf(200, { ...said, answer: answer ?? null });
  } catch (error) {
    const refusal = asRefusal(error);
    const { code, message, facts, status } = refusal;
    onRefusal?.({ agent, code, message });
    return answerOf(status, { error: { code, message, facts } }, agent === null || status === 413);
  }
}

/** A peer of whom the certificate names an agent, and everything about it holds. */
type KnownPeer = PeerVerdict & { agent: string; thumbprint: string };

async function identify(peering: Peering, proof: PeerProof): Promise<KnownPeer> {
  const now = peering.now();
  const verdict = judgePeer(proof, await peering.trust.current(now), null, now);
  const { outcome, checks, agent, thumbprint } = verdict;
  if (outcome === "allow" && agent !== null && thumbprint !== null) return { ...verdict, agent, thumbprint };
  throw new AgentError("peer_refused", 401, `The caller's certificate does not hold. ${firstFault(checks)}`, {
    checks: checks.filter((check) => !check.passed),
  });
}

/** The gateway's decision, and that the token is this caller's over this very certificate (RFC 8705 §3). */
async function decide(
  peering: Peering,
  peer: KnownPeer,
  question: Touched & { token: string; action: string },
): Promise<Check[]> {
  const decision = await peering.decide(question).catch(undecided);
  const checks = [...decision.checks, ...holderChecks(decision, peer)];
  if (decision.outcome === "allow" && checks.every((check) => check.passed)) return checks;
  throw new AgentError("call_denied", 403, `Vigil does not allow it. ${firstFault(checks)}`, {
    checks: checks.filter((check) => !check.passed),
  });
}

function holderChecks({ agent, boundTo, jkt }: DecisionAnswer, peer: KnownPeer): Check[] {
  const [named, bound] = [agent === peer.agent, boundTo === peer.thumbprint];
  return [
    {
      id: "token-holder",
      passed: named,
      detail: named ? `The token is ${peer.agent}'s.` : `The token is not ${peer.agent}'s.`,
    },
    {
      id: "token-bound",
      passed: bound,
      detail: bound
        ? "The token is bound to the certificate of this connection."
        : "The token is bound to another certificate than this connection's.",
    },
    ...(jkt
      ? [
          {
            id: "token-proof",
            passed: false,
            detail: "The token asks for a proof of a key, which no call carries.",
          },
        ]
      : []),
  ];
}

/** Without a decision there is no answer: the caller is told to try again. */
function undecided(error: unknown): never {
  const why = error instanceof AgentError ? `${error.code}: ${error.message}` : "no decision came";
  throw new AgentError("decision_unavailable", 503, `Vigil could not be asked. ${why}`);
}

function seen(proof: PeerProof, peer: KnownPeer) {
  const { version, cipher, resumed } = proof;
  return {
    from: peer.agent,
    did: agentDid(peer.agent),
    thumbprint: peer.thumbprint,
    tls: { version, cipher, resumed },
  };
}

function answerOf(status: number, body: unknown, close = false): CallAnswer {
  return { status, body, close };
}

function asRefusal(error: unknown): AgentError {
  if (!(error instanceof AgentError))
    return new AgentError("internal", 500, "The call could not be answered.");
  return error.status >= 400 ? error : new AgentError(error.code, 503, error.message, error.facts);
}
