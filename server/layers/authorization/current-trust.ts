import type { Database, Tx } from "../../../db/client.ts";
import { applyOverride, type CountingTrust } from "./engine/apply-override.ts";
import { TRUST_VERSION, trustScore } from "./engine/trust-score.ts";
import { loadTrustBasis, type TrustBasis } from "./trust-store.ts";

/**
 * Trust in an agent now, 0 to 1, with the contributions that made it, from what the database holds of it, and the
 * override that counts instead where there is one. An agent that does not exist is trusted not at all.
 */
export async function currentTrust(db: Database | Tx, agentId: string, now: Date): Promise<CountingTrust> {
  const basis = (await loadTrustBasis(db, [agentId], now)).get(agentId);
  if (!basis) return { version: TRUST_VERSION, score: 0, contributions: [], computed: 0, override: null };
  return trustFrom(basis, now);
}

/** Trust from what was read. */
export function trustFrom({ facts, override, agent }: TrustBasis, now: Date): CountingTrust {
  return applyOverride(trustScore(facts, now), override, agent, now);
}
