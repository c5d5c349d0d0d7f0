import { canonicalBytes, type Json } from "../../kernel/canonical.ts";
import { sha256Label } from "../../kernel/hash.ts";
import type { Worksheet } from "../schema.ts";

/** What a determination says, as it is signed off. */
export type DeterminationStatement = {
  incidentId: string;
  outcome: string;
  worksheet: Worksheet;
  reason: string;
  determinedBy: string;
  determinedAt: Date;
  stepUp: string;
  supersedes: string | null;
};

/**
 * SHA-256 over the canonical form (RFC 8785) of a determination. The chained audit record keeps it beside who
 * decided and by which second factor, so that a changed row no longer matches.
 */
export function determinationDigest(statement: DeterminationStatement): string {
  const { incidentId, outcome, worksheet, reason, determinedBy, determinedAt, stepUp, supersedes } =
    statement;
  return sha256Label(
    canonicalBytes({
      v: 1,
      incidentId,
      outcome,
      worksheet: worksheet as Json,
      reason,
      determinedBy,
      determinedAt: determinedAt.toISOString(),
      stepUp,
      supersedes,
    }),
  );
}
