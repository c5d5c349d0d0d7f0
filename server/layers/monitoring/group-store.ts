import { and, inArray, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { agents, alerts, incidents, users } from "../../../db/schema/index.ts";
import { type Asking, conditions } from "./alert-conditions.ts";
import { GROUP_MEMBERS_SHOWN } from "./alert-work-schema.ts";
import { rank } from "./raise-store.ts";
import { type AlertView, alertView, type ReadFilter } from "./schema.ts";
import { views } from "./store.ts";

type GroupRow = {
  id: string;
  openedAt: Date;
  members: number;
  occurrences: number;
  worst: number;
  ids: string[];
};

/** The joins that a filter may ask about. */
export const JOINS = sql`${alerts}
  left join ${agents} on ${agents.id} = ${alerts.agentId}
  left join ${users} on ${users.id} = ${alerts.ownerId}
  left join ${incidents} on ${incidents.id} = ${alerts.incidentId}`;

export function passing(filter: ReadFilter, asking: Asking): SQL {
  return and(...conditions(filter, asking)) ?? sql`true`;
}

/**
 * Alerts that pass the filter, as groups of one agent and cause in the order of their newest member, after a place in
 * that order. Alerts about no agent are grouped by cause alone.
 */
export async function groupRows(
  db: Database,
  {
    filter,
    asking,
    after,
    limit,
  }: { filter: ReadFilter; asking: Asking; after: { openedAt: Date; id: string } | null; limit: number },
): Promise<GroupRow[]> {
  const behind = after ? sql`where (g.opened_at, g.id) < (${after.openedAt}, ${after.id}::uuid)` : sql``;
  const { rows } = await db.execute<Omit<GroupRow, "openedAt"> & { openedAt: string | Date }>(sql`
    select g.id, g.opened_at as "openedAt", g.members, g.occurrences, g.worst, g.ids from (
      select (array_agg(${alerts.id} order by ${alerts.openedAt} desc, ${alerts.id} desc))[1] as id,
        (array_agg(${alerts.id} order by ${alerts.openedAt} desc, ${alerts.id} desc))[1:${sql.raw(String(GROUP_MEMBERS_SHOWN))}] as ids,
        max(${alerts.openedAt}) as opened_at, count(*)::int as members, sum(${alerts.count})::int as occurrences,
        max(${rank(sql`${alerts.severity}`)}) as worst
      from ${JOINS} where ${passing(filter, asking)}
      group by ${alerts.agentId}, ${alerts.groupKey}
    ) g ${behind} order by g.opened_at desc, g.id desc limit ${limit}`);
  return rows.map((row) => ({ ...row, openedAt: new Date(row.openedAt) }));
}

/** How many alerts pass, and how many groups they are; what is counted on suppressions meanwhile. */
export async function groupCounts(
  db: Database,
  filter: ReadFilter,
  asking: Asking,
): Promise<{ total: number; groupCount: number; suppressed: number }> {
  const { rows } = await db.execute<{ total: number; groupCount: number; suppressed: number }>(sql`
    select count(*)::int as total,
      count(distinct (coalesce(${alerts.agentId}::text, ''), ${alerts.groupKey}))::int as "groupCount",
      (select coalesce(sum(count), 0)::int from alert_suppressions
        where lifted_at is null and until > ${asking.now}) as suppressed
    from ${JOINS} where ${passing(filter, asking)}`);
  return rows[0] ?? { total: 0, groupCount: 0, suppressed: 0 };
}

/** The alerts of these ids, in any order. */
export async function alertsById(db: Database, ids: readonly string[]): Promise<Map<string, AlertView>> {
  if (ids.length === 0) return new Map();
  const rows = await views(db).where(inArray(alerts.id, [...ids]));
  return new Map(rows.map((row) => [row.id, alertView.parse(row)]));
}
