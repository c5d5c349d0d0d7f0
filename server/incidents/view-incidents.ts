import { and, inArray, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { agents, clocks, determinations, incidentTasks } from "../../db/schema/index.ts";
import { clockStatus } from "./engine/clock.ts";
import { personOrNull } from "./person-of.ts";
import { incidentName, type Outcome, type Severity } from "./schema.ts";
import { type ClockRow, emailsOf, type IncidentRow } from "./store.ts";
import type { IncidentListRow } from "./views.ts";

/** Incidents as rows of a list, in the order given: five queries, however many there are. */
export async function viewIncidents(
  db: Database,
  rows: IncidentRow[],
  now: Date,
): Promise<IncidentListRow[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const agentIds = rows.flatMap(({ agentId }) => agentId ?? []);
  const [named, decided, clocked, tasks, emails] = await Promise.all([
    db
      .select({ id: agents.id, name: agents.name, did: agents.did })
      .from(agents)
      .where(agentIds.length ? inArray(agents.id, agentIds) : sql`false`),
    db
      .select({ incidentId: determinations.incidentId, outcome: determinations.outcome })
      .from(determinations)
      .where(
        and(
          inArray(determinations.incidentId, ids),
          sql`not exists (select 1 from determinations later where later.supersedes = ${determinations.id})`,
        ),
      ),
    db.select().from(clocks).where(inArray(clocks.incidentId, ids)),
    countTasks(db, ids),
    emailsOf(
      db,
      rows.map(({ leadId }) => leadId),
    ),
  ]);
  return rows.map((row) => {
    const count = tasks.find(({ incidentId }) => incidentId === row.id);
    const clock = nearest(clocked.filter(({ incidentId }) => incidentId === row.id));
    return {
      ...viewRow(row),
      agent: named.find(({ id }) => id === row.agentId) ?? null,
      lead: personOrNull(row.leadId, emails),
      outcome: (decided.find(({ incidentId }) => incidentId === row.id)?.outcome ?? null) as Outcome | null,
      clock: clock && { dueAt: clock.dueAt, status: clockStatus(clock, now), receivedAt: clock.receivedAt },
      tasksDone: count?.done ?? 0,
      tasksTotal: count?.total ?? 0,
    };
  });
}

function viewRow({ id, number, title, severity, status, drill, openedAt, closedAt, version }: IncidentRow) {
  return {
    id,
    number,
    name: incidentName(number),
    title,
    severity: severity as Severity,
    status: status as "open" | "closed",
    drill,
    openedAt,
    closedAt,
    version,
  };
}

function countTasks(db: Database, ids: string[]) {
  return db
    .select({
      incidentId: incidentTasks.incidentId,
      done: sql<number>`count(done_at)::int`,
      total: sql<number>`count(*)::int`,
    })
    .from(incidentTasks)
    .where(inArray(incidentTasks.incidentId, ids))
    .groupBy(incidentTasks.incidentId);
}

function nearest(rows: ClockRow[]): ClockRow | null {
  const byDue = [...rows].sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  return byDue.find(({ status }) => status === "running") ?? byDue.at(-1) ?? null;
}
