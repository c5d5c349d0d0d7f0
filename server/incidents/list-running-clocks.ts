import { asc, eq } from "drizzle-orm";
import type { z } from "zod";
import { clocks, incidents } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { emailsOf } from "./store.ts";
import { viewClock } from "./view-clock.ts";
import type { runningClocks } from "./views.ts";

/** Every clock that runs, the nearest deadline first, with the server's own time. */
export async function listRunningClocks(ctx: VerbContext): Promise<z.infer<typeof runningClocks>> {
  requirePermission(ctx.actor, "incidents.read");
  const rows = await ctx.db
    .select({ clock: clocks, number: incidents.number, drill: incidents.drill })
    .from(clocks)
    .innerJoin(incidents, eq(incidents.id, clocks.incidentId))
    .where(eq(clocks.status, "running"))
    .orderBy(asc(clocks.dueAt))
    .limit(200);
  const emails = await emailsOf(
    ctx.db,
    rows.map(({ clock }) => clock.anchoredBy),
  );
  return {
    now: ctx.now,
    clocks: rows.map(({ clock, ...incident }) => viewClock(clock, incident, emails, ctx.now)),
  };
}
