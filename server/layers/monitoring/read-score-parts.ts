import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { type ScoreParts, scorePartsInput } from "./score-parts-schema.ts";
import { peakMinutes } from "./series-store.ts";
import { findAgent } from "./store.ts";

const MINUTE_MS = 60_000;

/**
 * What an agent's scores were made of over a stretch: of each bucket the highest minute, split by the features' shares.
 * Buckets without a score are left out.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function readScoreParts(
  ctx: VerbContext,
  input: z.input<typeof scorePartsInput>,
): Promise<ScoreParts> {
  requirePermission(ctx.actor, "agents.read");
  const { agent, from, to, points } = scorePartsInput.parse(input);
  const { id } = await findAgent(ctx.db, agent);
  const stepMs = Math.max(1, Math.ceil((to.getTime() - from.getTime()) / points / MINUTE_MS)) * MINUTE_MS;
  const fromMs = Math.floor(from.getTime() / stepMs) * stepMs;
  const peaks = await peakMinutes(ctx.db, { agentId: id, fromMs, toMs: to.getTime(), stepMs });
  return {
    stepMs,
    points: peaks.slice(-points).map(({ atMs, minuteMs, score, contributions, baselineVersion }) => ({
      at: new Date(atMs),
      minute: new Date(minuteMs),
      score,
      parts: partsOf(score, contributions),
      baselineVersion,
    })),
  };
}

/** Shares are rounded when they are stored: they are brought back to one before they are given out. */
function partsOf(score: number, contributions: readonly { feature: string; share: number }[]) {
  const total = contributions.reduce((sum, { share }) => sum + share, 0);
  return Object.fromEntries(
    contributions
      .filter(({ share }) => share > 0)
      .map(({ feature, share }) => [feature, Math.round((share / total) * score * 10_000) / 10_000]),
  );
}
