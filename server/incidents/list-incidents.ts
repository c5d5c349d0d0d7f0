import { and, desc, eq, lt, or, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { agents, incidents } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { viewIncidents } from "./view-incidents.ts";
import { type incidentPage, listIncidentsInput } from "./views.ts";

/** A page of incidents, the newest first, each with what was determined and its nearest clock. */
export async function listIncidents(
  ctx: VerbContext,
  input: z.input<typeof listIncidentsInput>,
): Promise<z.infer<typeof incidentPage>> {
  requirePermission(ctx.actor, "incidents.read");
  const { cursor, limit, ...filter } = listIncidentsInput.parse(input);
  const where = and(
    filter.status && eq(incidents.status, filter.status),
    filter.severity && eq(incidents.severity, filter.severity),
    filter.kind && eq(incidents.drill, filter.kind === "drill"),
    filter.agent ? byAgent(filter.agent) : undefined,
  );
  const rows = await ctx.db
    .select()
    .from(incidents)
    .where(and(where, cursor ? lt(incidents.number, cursor) : undefined))
    .orderBy(desc(incidents.number))
    .limit(limit + 1);
  const [counted] = await ctx.db.select({ total: sql<number>`count(*)::int` }).from(incidents).where(where);
  const page = rows.slice(0, limit);
  return {
    incidents: await viewIncidents(ctx.db, page, ctx.now),
    nextCursor: rows.length > limit ? (page.at(-1)?.number ?? null) : null,
    total: counted?.total ?? 0,
  };
}

/** By the agent's name or id. */
function byAgent(agent: string): SQL {
  return sql`${incidents.agentId} in (select id from ${agents} where ${or(eq(agents.name, agent), sql`${agents.id}::text = ${agent}`)})`;
}
