import { desc, eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { trustScores } from "../../../db/schema/index.ts";
import { currentTrust } from "./current-trust.ts";
import type { CountingTrust } from "./engine/apply-override.ts";

/**
 * Judges trust for a decision, and keeps what was computed in the agent's history where it differs from the last one
 * kept. An override is in the decision's record, and a row of its own.
 */
export async function keepTrust(tx: Tx, agentId: string, now: Date): Promise<CountingTrust> {
  const trust = await currentTrust(tx, agentId, now);
  const [last] = await tx
    .select({ score: trustScores.score })
    .from(trustScores)
    .where(eq(trustScores.agentId, agentId))
    .orderBy(desc(trustScores.at))
    .limit(1);
  const score = String(trust.computed);
  if (last?.score !== score)
    await tx
      .insert(trustScores)
      .values({ agentId, at: now, score, contributions: trust.contributions, version: trust.version })
      .onConflictDoNothing();
  return trust;
}
