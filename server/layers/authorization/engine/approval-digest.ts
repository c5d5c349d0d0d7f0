import { canonicalBytes } from "../../../kernel/canonical.ts";
import { sha256Label } from "../../../kernel/hash.ts";
import { readLimits } from "./narrow-limits.ts";

export type ApprovalTerms = {
  agentId: string;
  scope: string;
  resource: string | null;
  durationSeconds: number;
  policyVersion: number;
  /** As stored; absent or null where nothing narrows the scope. */
  limits?: unknown;
};

/**
 * What an approval is bound to: SHA-256 over the canonical request. A vote for other terms than these, or
 * for the same words under another policy, is a vote for something else. Terms without limits are digested
 * without that member, so that what was asked before there were limits has the digest that it had.
 */
export function approvalDigest({
  agentId,
  scope,
  resource,
  durationSeconds,
  policyVersion,
  limits,
}: ApprovalTerms): string {
  return sha256Label(
    "vigil-approval/v1\n",
    canonicalBytes({
      ...{ agentId, scope, resource, durationSeconds, policyVersion },
      limits: readLimits(limits) ?? undefined,
    }),
  );
}
