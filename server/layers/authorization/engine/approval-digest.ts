import { canonicalBytes } from "../../../kernel/canonical.ts";
import { sha256Label } from "../../../kernel/hash.ts";

export type ApprovalTerms = {
  agentId: string;
  scope: string;
  resource: string | null;
  durationSeconds: number;
  policyVersion: number;
};

/**
 * What an approval is bound to: SHA-256 over the canonical request. A vote for other terms than these, or
 * for the same words under another policy, is a vote for something else.
 */
export function approvalDigest({
  agentId,
  scope,
  resource,
  durationSeconds,
  policyVersion,
}: ApprovalTerms): string {
  return sha256Label(
    "vigil-approval/v1\n",
    canonicalBytes({ agentId, scope, resource, durationSeconds, policyVersion }),
  );
}
