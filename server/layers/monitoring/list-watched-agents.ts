import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { InvalidInputError } from "../../kernel/errors.ts";
import { learningProgress } from "./engine/baseline.ts";
import { learningCounts } from "./learning-store.ts";
import { type WatchedAgents, type WatchedAgentsInput, watchedAgentsInput } from "./overview-schema.ts";
import { agentsByScore, type ScorePlace } from "./overview-store.ts";

/**
 * A page of the agents by their latest score, the highest first, each with why, and how far those without a baseline
 * have come.
 *
 * @throws ForbiddenError `not_permitted`. @throws InvalidInputError `cursor_invalid`.
 */
export async function listWatchedAgents(ctx: VerbContext, input: WatchedAgentsInput): Promise<WatchedAgents> {
  requirePermission(ctx.actor, "agents.read");
  const { cursor, limit, ...filter } = watchedAgentsInput.parse(input);
  const after = cursor === undefined ? null : readCursor(cursor);
  const rows = await agentsByScore(ctx.db, { ...filter, limit: limit + 1 }, after);
  const page = rows.slice(0, limit);
  const learning = page.filter(({ baselineVersion }) => baselineVersion === null).map(({ id }) => id);
  const counts = learning.length > 0 ? await learningCounts(ctx.db, learning, ctx.now) : null;
  const last = page.at(-1);
  return {
    agents: page.map((row) => {
      const { windows, days } = counts?.get(row.id) ?? { windows: 0, days: 0 };
      return {
        ...row,
        learning: row.baselineVersion === null ? learningProgress(windows, days).words : null,
      };
    }),
    nextCursor: rows.length > limit && last ? `${last.score ?? -1}~${last.name}` : null,
  };
}

function readCursor(cursor: string): ScorePlace {
  const [, score, name] = /^(-?[0-9.e-]{1,24})~([a-z0-9-]{1,63})$/.exec(cursor) ?? [];
  if (score === undefined || name === undefined || !Number.isFinite(Number(score)))
    throw new InvalidInputError("cursor_invalid", "This cursor is none of ours. Start from the first page.");
  return { score: Number(score), name };
}
