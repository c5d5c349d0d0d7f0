import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { scoringLagOf } from "./engine/scoring-lag.ts";
import type { ScoringLag } from "./lag-schema.ts";
import { saidOfScoring } from "./lag-store.ts";

/**
 * How far folding and scoring are behind what the gateways admitted, now.
 *
 * @throws ForbiddenError `not_permitted`.
 */
export async function readScoringLag({ db, actor, now }: VerbContext): Promise<ScoringLag> {
  requirePermission(actor, "agents.read");
  return scoringLagOf(await saidOfScoring(db, now), now.getTime());
}
