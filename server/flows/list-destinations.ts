import { asc } from "drizzle-orm";
import { destinations } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { headOf, queues } from "../integrations/outbox/store.ts";

/** Destinations with what waits for each, since when, how often the first message was tried, and dead letters. */
export async function listDestinations(ctx: VerbContext) {
  requirePermission(ctx.actor, "integrations.manage");
  const rows = await ctx.db.select().from(destinations).orderBy(asc(destinations.name)).limit(200);
  const waiting = await queues(ctx.db);
  return Promise.all(
    rows.map(async ({ secretSealed: _, ...destination }) => {
      const head = await headOf(ctx.db, destination.id);
      return {
        ...destination,
        ...(waiting.get(destination.id) ?? { waiting: 0, oldestAt: null, dead: 0 }),
        attempts: head?.attempts ?? 0,
        lastError: head?.lastError ?? null,
        nextAttemptAt: head?.nextAttemptAt ?? null,
      };
    }),
  );
}
