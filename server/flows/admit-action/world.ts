import type { KeyObject } from "node:crypto";
import type { Check } from "../../kernel/decision.ts";
import type { ErrorFacts } from "../../kernel/errors.ts";
import type { SignableRequest } from "../../kernel/http-signature.ts";
import type { DpopProof } from "../../layers/authorization/engine/check-dpop.ts";
import type { Limits } from "../../layers/authorization/engine/narrow-limits.ts";
import type { ScopePolicy } from "../../layers/authorization/policy-schema.ts";
import type { AgentStatus, Purpose } from "../../layers/identity/schema.ts";
import type { ShadowWay } from "../../layers/identity/shadow-schema.ts";
import type { ZoneMap } from "../../layers/isolation/engine/decide-peer.ts";
import type { CompiledRules } from "../../layers/monitoring/engine/rules/compile-rules.ts";

/** An agent as a gateway holds it in memory. */
export type LiveAgent = {
  id: string;
  name: string;
  did: string;
  kind: string;
  parentId: string | null;
  status: AgentStatus;
  banned: boolean;
  zone: string;
  /** Purposes whose certificate is of a tainted authority: the agent is asked to renew them now. */
  renew: readonly Purpose[];
  isolation: {
    state: "open" | "limited" | "deny_all";
    limitPerMinute: number | null;
    epoch: number;
    reason: string;
  };
};

/** A certificate of an agent as a gateway holds it in memory; only what still may count is there. */
export type LiveCredential = {
  agentId: string;
  purpose: Purpose;
  thumbprint: string;
  keyId: string;
  publicKey: KeyObject;
  status: "active" | "revoked";
  notBefore: Date;
  notAfter: Date;
};

/** An access token whose signature, issuer, audience and times are proved. */
export type VerifiedToken = {
  jti: string;
  subject: string;
  /** `cnf.x5t#S256`: the one certificate that may carry it. */
  boundTo: string;
  /** `cnf.jkt`: the key that each request must prove as well (RFC 9449); null for nearly all. */
  jkt: string | null;
  scopes: readonly string[];
  grantIds: readonly string[];
  policyVersion: number | null;
  /** What actions under a scope may not go beyond, by scope; absent where the token limits nothing. */
  limits?: ReadonlyMap<string, { limits: Limits; grantId: string }> | undefined;
};

/** What admission decides against: the live state of the gateway, and nothing read per request. */
export type World = {
  agent: (id: string) => LiveAgent | undefined;
  agentByDid: (did: string) => LiveAgent | undefined;
  /** The transport certificate of the connection. */
  transportCredential: (thumbprint: string) => LiveCredential | undefined;
  signatureCredential: (keyId: string) => LiveCredential | undefined;
  isTokenRevoked: (jti: string) => boolean;
  policy: () => ScopePolicy;
  zones: () => ZoneMap;
  /** The detection rules of the version that counts. */
  rules: () => CompiledRules;
  /** Seconds until a limited agent may ask again; 0 where it may now, and then its turn is taken. */
  takeTurn: (agentId: string, limitPerMinute: number, now: Date) => number;
  /** @throws UnauthenticatedError `token_…` naming what is wrong. */
  verifyToken: (token: string, now: Date) => Promise<VerifiedToken>;
  /** Whether this proof of a key is used for the first time. */
  claimProof: (proof: DpopProof) => Promise<boolean>;
};

/** A request on an authenticated connection. */
export type AgentRequest = SignableRequest & {
  /** base64url SHA-256 of the certificate that was verified: the connection's, or the one a trusted hop forwarded. */
  thumbprint: string;
  /** The agent's address: the connection's, or as a trusted hop saw it. */
  sourceIp: string;
  contentType: string;
  trace: string | undefined;
};

/** An identity that showed itself and is no agent's: its own word, not yet made safe. */
export type Stranger = {
  way: ShadowWay;
  claimed: string;
  issuer: string;
  evidence: string;
  sourceIp: string;
};

/** A refusal of the whole request: the answer's code and sentence, and the checks that led to it. */
export type RequestRefusal = {
  status: 400 | 401 | 403 | 409 | 429;
  code: string;
  message: string;
  facts?: ErrorFacts;
  checks: Check[];
  retryAfterSeconds?: number;
  /** The access token that was shown, where it is genuine and does not count: the record names its grants. */
  token?: VerifiedToken;
};

export type Step<Facts> = ({ ok: true; checks: Check[] } & Facts) | { ok: false; refusal: RequestRefusal };

/** Ends a step with a refusal whose last check is the one that failed. */
export function refuse(
  status: RequestRefusal["status"],
  code: string,
  message: string,
  more: Partial<Pick<RequestRefusal, "checks" | "facts" | "retryAfterSeconds" | "token">> = {},
): { ok: false; refusal: RequestRefusal } {
  const checks = [...(more.checks ?? []), { id: code, passed: false, detail: message }];
  return { ok: false, refusal: { status, code, message, ...more, checks } };
}

/** A passed check, said as a sentence. */
export const passed = (id: string, detail: string): Check => ({ id, passed: true, detail });
