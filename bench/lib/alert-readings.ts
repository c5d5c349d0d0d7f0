import { sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import type { VerbContext } from "../../server/access/verb-context.ts";
import { listAlertGroups } from "../../server/layers/monitoring/list-alert-groups.ts";
import { listAlerts } from "../../server/layers/monitoring/list-alerts.ts";
import { readAlert } from "../../server/layers/monitoring/read-alert.ts";
import { readAlertFacets } from "../../server/layers/monitoring/read-alert-facets.ts";

/** So many alerts over thirty days on the agents that are there, a third of them closed, each with a score and a cause. */
export async function insertManyAlerts(db: Database, count: number, now: Date): Promise<void> {
  await db.execute(sql`
    with fleet as (select id, name, row_number() over () as n, count(*) over () as size from agents)
    insert into alerts (id, agent_id, kind, rule, cause, severity, title, detail, score, count, status, opened_at,
      last_seen_at, disposition, closed_at)
    select gen_random_uuid(), f.id, (array['behaviour', 'rule', 'authorization', 'identity'])[1 + i % 4],
      'rule-' || i % 40, 'family-' || i % 7 || '/cause-' || i, (array['low', 'medium', 'high', 'critical'])[1 + i % 4],
      f.name || ' behaves unusually: API calls, data volume', '{"contributions": []}', (i % 100) / 100.0, 1 + i % 50,
      case when i % 3 = 0 then 'closed' else 'open' end, ${now}::timestamptz - make_interval(secs => i * 259),
      ${now}::timestamptz - make_interval(secs => i * 250), case when i % 3 = 0 then 'benign' end,
      case when i % 3 = 0 then ${now}::timestamptz end
    from generate_series(1, ${count}) i join fleet f on f.n = 1 + (i * 7919) % f.size`);
}

/** What the alerts' screens read, each as they ask for it. */
export async function alertReadings(ctx: VerbContext): Promise<Record<string, () => Promise<unknown>>> {
  const open = { status: ["open" as const, "acknowledged" as const] };
  const first = await listAlertGroups(ctx, { ...open, limit: 200 });
  const cursor = first.nextCursor ?? undefined;
  const number = first.groups[0]?.lead.number ?? 1;
  const queries = {
    "by severity": "severity >= high",
    "by words": '"data volume"',
    "by wildcard": "agent:*0042* or rule:*-3*",
    "negated and ranged": "not owner:me and score > 0.5 and age < 7d and not rule:rule-1*",
  };
  return {
    "alerts: the queue": () => listAlertGroups(ctx, { ...open, limit: 50 }),
    "alerts: a later page": () => listAlertGroups(ctx, { ...open, limit: 50, cursor }),
    "alerts: list": () => listAlerts(ctx, open),
    "alerts: facets and histogram": () => readAlertFacets(ctx, open),
    "alerts: one with its history": () => readAlert(ctx, { number }),
    ...Object.fromEntries(
      Object.entries(queries).flatMap(([what, query]) => [
        [`alerts: query ${what}`, () => listAlertGroups(ctx, { ...open, query, limit: 50 })],
        [`alerts: facets ${what}`, () => readAlertFacets(ctx, { ...open, query })],
      ]),
    ),
  };
}
