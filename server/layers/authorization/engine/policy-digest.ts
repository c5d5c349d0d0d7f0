import { canonicalBytes, type Json } from "../../../kernel/canonical.ts";
import { sha256Label } from "../../../kernel/hash.ts";
import type { ScopePolicy } from "../policy-schema.ts";

/** What a proposal is bound to: SHA-256 over the canonical policy and the version that it changes. */
export function proposalDigest({
  baseVersion,
  document,
}: {
  baseVersion: number;
  document: unknown;
}): string {
  return sha256Label("vigil-policy/v1\n", canonicalBytes({ baseVersion, document: document as Json }));
}

/** SHA-256 over a canonical policy: how records name a version. */
export function policyDigest(policy: ScopePolicy): string {
  return sha256Label(canonicalBytes(policy as unknown as Json));
}
