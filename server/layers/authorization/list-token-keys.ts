import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { endsAt, tokenKeyPhase } from "./engine/token-key-life.ts";
import type { TokenKeyView } from "./token-key-schema.ts";
import { readTokenKeys } from "./token-key-store.ts";

/** Every key that signed access tokens or will, with its public half: old evidence is verified with old keys. */
export async function listTokenKeys(ctx: VerbContext): Promise<TokenKeyView[]> {
  requirePermission(ctx.actor, "agents.read");
  const rows = await readTokenKeys(ctx.db);
  return rows.map((row) => ({
    generation: row.generation,
    keyId: row.keyId,
    publicJwk: row.publicJwk as Record<string, unknown>,
    phase: tokenKeyPhase(row, rows, ctx.now),
    publishedAt: row.publishedAt,
    signsFrom: row.signsFrom,
    endsAt: endsAt(row, rows),
    taintedAt: row.taintedAt,
    reason: row.reason,
  }));
}
