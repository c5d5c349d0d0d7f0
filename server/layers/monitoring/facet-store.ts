import { sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { agents, alerts, users } from "../../../db/schema/index.ts";
import type { Asking } from "./alert-conditions.ts";
import { JOINS, passing } from "./group-store.ts";
import type { ReadFilter } from "./schema.ts";

const VALUES_SHOWN = 8;

/** For each facet the most frequent values among the alerts that pass the filter: one pass over them. */
export async function facetRows(
  db: Database,
  filter: ReadFilter,
  asking: Asking,
): Promise<{ facet: string; value: string; count: number }[]> {
  const age = sql`${asking.now}::timestamptz - ${alerts.openedAt}`;
  const { rows } = await db.execute<{ facet: string; value: string; count: number }>(sql`
    with hit as (
      select ${alerts.status} as status, ${alerts.severity} as severity, ${alerts.kind} as kind, ${alerts.rule} as rule,
        coalesce(${agents.name}, 'none') as agent, coalesce(${users.email}, 'none') as owner,
        case when ${age} < interval '1 hour' then '< 1h' when ${age} < interval '1 day' then '1h - 1d'
          when ${age} < interval '7 days' then '1d - 7d' else '> 7d' end as age
      from ${JOINS} where ${passing(filter, asking)}
    ), counted as (
      select case when grouping(status) = 0 then 'status' when grouping(severity) = 0 then 'severity'
          when grouping(kind) = 0 then 'kind' when grouping(rule) = 0 then 'rule'
          when grouping(agent) = 0 then 'agent' when grouping(owner) = 0 then 'owner' else 'age' end as facet,
        coalesce(status, severity, kind, rule, agent, owner, age) as value, count(*)::int as count
      from hit group by grouping sets ((status), (severity), (kind), (rule), (agent), (owner), (age))
    )
    select facet, value, count from (
      select *, row_number() over (partition by facet order by count desc, value) as place from counted
    ) ranked where place <= ${VALUES_SHOWN} order by facet, place`);
  return rows;
}

/** When the first and the last of the alerts that pass were opened; null where none does. */
export async function openedBetween(
  db: Database,
  filter: ReadFilter,
  asking: Asking,
): Promise<{ from: Date; to: Date } | null> {
  const { rows } = await db.execute<{ from: string | null; to: string | null }>(sql`
    select min(${alerts.openedAt}) as from, max(${alerts.openedAt}) as to
    from ${JOINS} where ${passing(filter, asking)}`);
  const [row] = rows;
  return row?.from && row.to ? { from: new Date(row.from), to: new Date(row.to) } : null;
}

/** How many of the alerts that pass were opened in each step from `from` on, by severity. */
export async function histogramRows(
  db: Database,
  { filter, asking, from, stepMs }: { filter: ReadFilter; asking: Asking; from: Date; stepMs: number },
): Promise<{ at: Date; severity: string; count: number }[]> {
  const { rows } = await db.execute<{ at: string; severity: string; count: number }>(sql`
    select date_bin(make_interval(secs => ${stepMs / 1000}), ${alerts.openedAt}, ${from}::timestamptz) as at,
      ${alerts.severity} as severity, count(*)::int as count
    from ${JOINS} where ${passing(filter, asking)} group by 1, 2 order by 1`);
  return rows.map((row) => ({ ...row, at: new Date(row.at) }));
}
