import { sql } from "drizzle-orm";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";

/** What waits for people, for the navigation and the deadline strip. */
export type Counts = {
  openAlerts: number;
  unownedCritical: number;
  pendingApprovals: number;
  openIncidents: number;
  contained: number;
  /** Unknown identities at the doors about which nobody has decided. */
  shadowAgents: number;
  /** The running clock whose deadline is nearest. */
  nearestClock: { id: string; incidentId: string; incident: string; regime: string; dueAt: Date } | null;
};

type Row = Omit<Counts, "nearestClock"> & {
  clock: { id: string; incidentId: string; number: number; regime: string; dueAt: string } | null;
};

/** Counts over indexed rows; small enough to be read at every event. */
export async function readCounts({ db, actor, now }: VerbContext): Promise<Counts> {
  requirePermission(actor, "agents.read");
  const { rows } = await db.execute<Row>(sql`
    select (select count(*)::int from alerts where status = 'open') as "openAlerts",
      (select count(*)::int from alerts where status <> 'closed' and severity = 'critical' and owner_id is null)
        as "unownedCritical",
      (select count(*)::int from approvals where status = 'pending' and expires_at > ${now.toISOString()}::timestamptz)
        as "pendingApprovals",
      (select count(*)::int from incidents where status = 'open') as "openIncidents",
      (select count(*)::int from isolation_states where state = 'deny_all') as contained,
      (select count(*)::int from shadow_agents where state = 'open') as "shadowAgents",
      (select jsonb_build_object('id', c.id, 'incidentId', c.incident_id, 'number', i.number,
          'regime', c.regime, 'dueAt', c.due_at)
        from clocks c join incidents i on i.id = c.incident_id
        where c.status = 'running' order by c.due_at limit 1) as clock`);
  const { clock, ...counts } = rows[0] as Row;
  return { ...counts, nearestClock: clock ? nearest(clock) : null };
}

function nearest({ number, dueAt, ...clock }: NonNullable<Row["clock"]>): Counts["nearestClock"] {
  return { ...clock, incident: `INC-${String(number).padStart(4, "0")}`, dueAt: new Date(dueAt) };
}
