import { sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";

/** That an action was admitted which needed `scope`, by a token that carries this grant among others. */
export type GrantUse = { grantId: string; scope: string; at: Date };

/**
 * Notes when grants were last used: of a token's grants the one that gives the scope, and never an earlier time than
 * is there. Nothing but the grants' own rows is locked, in one order.
 *
 * @returns how many grants' times moved.
 */
export async function noteGrantUse(db: Database, uses: readonly GrantUse[]): Promise<number> {
  if (uses.length === 0) return 0;
  const column = (of: (use: GrantUse) => string) => sql.param(uses.map(of));
  const { rowCount } = await db.execute(sql`
    with held as (
      select g.id, u.at from grants g
      join unnest(${column((use) => use.grantId)}::uuid[], ${column((use) => use.scope)}::text[],
        ${column((use) => use.at.toISOString())}::timestamptz[]) as u (id, scope, at)
        on u.id = g.id and u.scope = g.scope
      where g.last_used_at is null or g.last_used_at < u.at
      order by g.id for no key update of g)
    update grants g set last_used_at = greatest(g.last_used_at, held.at) from held where g.id = held.id`);
  return rowCount ?? 0;
}
