import { canonicalBytes, type Json } from "../../../../kernel/canonical.ts";
import { sha256Label } from "../../../../kernel/hash.ts";
import type { RuleSet } from "../../rules-schema.ts";

/** SHA-256 over a canonical version of the rules: how records name it. */
export function ruleSetDigest(set: RuleSet): string {
  return sha256Label(canonicalBytes(set as unknown as Json));
}

/** What a proposal is bound to: SHA-256 over the canonical version and the one that it changes. */
export function ruleProposalDigest(proposal: { baseVersion: number; document: unknown }): string {
  const { baseVersion, document } = proposal;
  return sha256Label("vigil-rules/v1\n", canonicalBytes({ baseVersion, document: document as Json }));
}
