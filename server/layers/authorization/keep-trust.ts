import { desc, eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { trustScores } from "../../../db/schema/index.ts";
import { currentTrust } from "./current-trust.ts";
import type { TrustScore } from "./engine/trust-score.ts";

/** Judges trust for a decision, and keeps it in the agent's history where it differs from the last one kept. */
export async function keepTrust(tx: Tx, agentId: string, now: Date): Promise<TrustScore> {
  const trust = await currentTrust(tx, agentId, now);
  const [last] = await tx
    .select({ score: trustScores.score })
    .from(trustScores)
    .where(eq(trustScores.agentId, agentId))
    .orderBy(desc(trustScores.at))
    .limit(1);
  const score = String(trust.score);
  if (last?.score !== score)
    await tx
      .insert(trustScores)
      .values({ agentId, at: now, score, contributions: trust.contributions })
      .onConflictDoNothing();
  return trust;
}
