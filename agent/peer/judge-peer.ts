import type { Check, Decision } from "../../server/kernel/decision.ts";
import { base64url, sha256 } from "../../server/kernel/hash.ts";
import { plain } from "../../server/layers/identity/engine/chain/general-names.ts";
import {
  type ChainVerdict,
  validateChain,
} from "../../server/layers/identity/engine/chain/validate-chain.ts";
import { agentOfSpiffeId } from "../../server/layers/identity/engine/names.ts";
import { checkLists, type Trust } from "./keep-trust.ts";
import type { PeerProof } from "./tls-options.ts";

/** A peer as its certificate names it; null where none can be read. */
export type PeerVerdict = Decision & {
  agent: string | null;
  /** `x5t#S256` of its certificate. */
  thumbprint: string | null;
  path: ChainVerdict["path"];
};

/**
 * Whether the other side of a connection is an agent that may speak now: OpenSSL's verdict, the age of what it is
 * judged by, and every check of its chain.
 *
 * @param expected the agent it must be; null for any.
 */
export function judgePeer(proof: PeerProof, trust: Trust, expected: string | null, now: Date): PeerVerdict {
  const [leaf = Buffer.alloc(0), ...sent] = proof.chain;
  const verdict = validateChain({
    leaf,
    intermediates: sent.filter((der) => !trust.anchors.some((anchor) => anchor.equals(der))),
    known: trust.intermediates,
    anchors: trust.anchors,
    crls: trust.crls,
    expected: { purpose: "transport", agent: expected },
    now,
  });
  const checks = [checkPresented(proof), checkTls(proof), checkLists(trust, now), ...verdict.checks];
  const [name] = verdict.path[0]?.extensions.names ?? [];
  return {
    outcome: checks.every((check) => check.passed) ? "allow" : "deny",
    checks,
    agent: name?.type === "url" ? agentOfSpiffeId(name.value) : null,
    thumbprint: leaf.length > 0 ? base64url(sha256(leaf)) : null,
    path: verdict.path,
  };
}

function checkPresented({ chain }: PeerProof): Check {
  const passed = chain.length > 0;
  return {
    id: "presented",
    passed,
    detail: passed
      ? "The peer presented a certificate and proved its key."
      : "The peer presented no certificate.",
  };
}

function checkTls({ tlsFault }: PeerProof): Check {
  return {
    id: "tls-verified",
    passed: tlsFault === null,
    detail:
      tlsFault === null ? "OpenSSL finds nothing wrong with it." : `OpenSSL refuses it: ${plain(tlsFault)}.`,
  };
}

/** The first check that did not pass, as a sentence for an error. */
export function firstFault(checks: readonly Check[]): string {
  const fault = checks.find((check) => !check.passed);
  return fault ? `${fault.id}: ${fault.detail}` : "every check passed";
}
