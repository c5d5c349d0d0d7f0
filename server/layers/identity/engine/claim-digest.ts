import { canonicalBytes, type Json } from "../../../kernel/canonical.ts";
import { sha256Label } from "../../../kernel/hash.ts";
import type { Claim, ClaimValue } from "../facts-schema.ts";

/**
 * What an attestation is for: SHA-256 over the canonical form (RFC 8785) of whose claim it is, which, and its
 * value. The same value of another agent, or under another name, has another digest.
 *
 * @throws InvalidInputError `not_canonical` for values that JSON cannot carry.
 */
export function claimDigest(agent: string, claim: Claim, value: ClaimValue): string {
  return sha256Label(canonicalBytes({ agent, claim, value: value as Json }));
}
