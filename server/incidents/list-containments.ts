import { and, desc, eq, ne, sql } from "drizzle-orm";
import { z } from "zod";
import { containments } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { viewContainments } from "./view-containments.ts";
import { type ContainmentView, PAGE_MAX } from "./views.ts";

export const listContainmentsInput = z.object({
  id: z.uuid().optional(),
  /** An agent's name or id. */
  agent: z.string().max(200).optional(),
  open: z.boolean().optional(),
  limit: z.number().int().min(1).max(PAGE_MAX).default(50),
});

/** Containments, the newest first: all, those of an agent, or those that nobody has released. */
export async function listContainments(
  ctx: VerbContext,
  input: z.input<typeof listContainmentsInput>,
): Promise<ContainmentView[]> {
  requirePermission(ctx.actor, "incidents.read");
  const { id, agent, open, limit } = listContainmentsInput.parse(input);
  const rows = await ctx.db
    .select()
    .from(containments)
    .where(
      and(
        id ? eq(containments.id, id) : undefined,
        agent
          ? sql`${containments.agentId} in (select id from agents where name = ${agent} or id::text = ${agent})`
          : undefined,
        open === undefined
          ? undefined
          : open
            ? ne(containments.status, "released")
            : eq(containments.status, "released"),
      ),
    )
    .orderBy(desc(containments.requestedAt), desc(containments.id))
    .limit(limit);
  return viewContainments(ctx.db, rows, ctx.actor);
}
