import {
  and,
  count,
  desc,
  eq,
  getTableColumns,
  gte,
  ilike,
  inArray,
  isNull,
  lt,
  ne,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agents, alerts, auditIndex, auditRecords, incidents, users } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { ALERT_SEVERITIES, type AlertView, alertView, type ReadFilter } from "./schema.ts";

type Source = Database | Tx;
type NewAlert = Omit<typeof alerts.$inferInsert, "agentId" | "openedAt" | "lastSeenAt"> & {
  agentId: string | null;
  now: Date;
  quietMs: number;
};

/** Inserts the alert, or counts it on the one that is not closed; races end with one row. */
export async function upsertOpenAlert(
  tx: Tx,
  { now, quietMs, ...alert }: NewAlert,
): Promise<{ id: string; number: number; isNew: boolean; counted: boolean }> {
  if (alert.agentId === null) {
    // The unique index tells no two alerts without an agent apart: they wait for each other here.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`alert/${alert.rule}`}))`);
    const [open] = await tx
      .select({ id: alerts.id, number: alerts.number })
      .from(alerts)
      .where(and(isNull(alerts.agentId), eq(alerts.rule, alert.rule), ne(alerts.status, "closed")));
    if (open) {
      await tx.update(alerts).set(countedAgain(alert, now)).where(eq(alerts.id, open.id));
      return { ...open, isNew: false, counted: true };
    }
  }
  const [row] = await tx
    .insert(alerts)
    .values({ ...alert, openedAt: now, lastSeenAt: now })
    .onConflictDoUpdate({
      target: [alerts.agentId, alerts.rule],
      targetWhere: sql`status <> 'closed'`,
      set: countedAgain(alert, now),
      setWhere: sql`${alerts.lastSeenAt} <= ${new Date(now.getTime() - quietMs)}`,
    })
    .returning({ id: alerts.id, number: alerts.number });
  if (row) return { ...row, isNew: row.id === alert.id, counted: true };
  const [open] = await tx
    .select({ id: alerts.id, number: alerts.number })
    .from(alerts)
    .where(
      and(eq(alerts.agentId, alert.agentId ?? ""), eq(alerts.rule, alert.rule), ne(alerts.status, "closed")),
    );
  if (!open) throw new NotFoundError("alert_unknown", "The alert was closed in this moment.");
  return { ...open, isNew: false, counted: false };
}

function countedAgain(alert: Pick<NewAlert, "severity" | "title" | "detail" | "score">, now: Date) {
  const rank = (severity: SQL) => sql`array_position(${sql.raw(SEVERITY_ARRAY)}, ${severity})`;
  const graver = sql`${rank(sql`${alert.severity}::text`)} > ${rank(sql`${alerts.severity}`)}`;
  return {
    count: sql`${alerts.count} + 1`,
    lastSeenAt: sql`greatest(${alerts.lastSeenAt}, ${now})`,
    severity: sql`case when ${graver} then ${alert.severity}::text else ${alerts.severity} end`,
    title: sql`case when ${graver} then ${alert.title}::text else ${alerts.title} end`,
    detail: alert.detail,
    score: sql`greatest(${alerts.score}, ${alert.score ?? null}::double precision)`,
  };
}
const SEVERITY_ARRAY = `array[${ALERT_SEVERITIES.map((severity) => `'${severity}'`).join(",")}]::text[]`;

export async function agentOfAlert(
  tx: Tx,
  agentId: string | null,
): Promise<{ agent?: { id: string; did: string } }> {
  if (agentId === null) return {};
  const [agent] = await tx
    .select({ id: agents.id, did: agents.did })
    .from(agents)
    .where(eq(agents.id, agentId));
  return agent ? { agent } : {};
}

/** The agent by id, name or DID. @throws NotFoundError `agent_unknown`. */
export async function findAgent(
  db: Source,
  named: string,
): Promise<{ id: string; name: string; did: string; zone: string }> {
  const [agent] = await db
    .select({ id: agents.id, name: agents.name, did: agents.did, zone: agents.zone })
    .from(agents)
    .where(or(eq(agents.name, named), eq(agents.did, named), sql`${agents.id}::text = ${named}`));
  if (!agent)
    throw new NotFoundError("agent_unknown", "There is no such agent.", { agent: named.slice(0, 100) });
  return agent;
}

/** The alert by number or id. @throws NotFoundError `alert_unknown`. */
export async function findAlert(db: Source, by: { id: string } | { number: number }): Promise<AlertView> {
  const [row] = await views(db).where("id" in by ? eq(alerts.id, by.id) : eq(alerts.number, by.number));
  if (!row) throw new NotFoundError("alert_unknown", "There is no such alert.");
  return alertView.parse(row);
}

type Place = { openedAt: Date; id: string };

/** Alerts that pass the filter, newest first, after a place in that order. */
export async function alertRows(
  db: Source,
  filter: ReadFilter,
  after: Place | null,
  limit: number,
): Promise<AlertView[]> {
  const behind = after
    ? sql`(${alerts.openedAt}, ${alerts.id}) < (${after.openedAt}, ${after.id}::uuid)`
    : undefined;
  const rows = await views(db)
    .where(and(...conditions(filter), behind))
    .orderBy(desc(alerts.openedAt), desc(alerts.id))
    .limit(limit);
  return rows.map((row) => alertView.parse(row));
}

/** How many pass the filter, by status and severity. */
export async function alertCounts(db: Source, filter: ReadFilter) {
  return db
    .select({ status: alerts.status, severity: alerts.severity, count: count() })
    .from(alerts)
    .leftJoin(agents, eq(agents.id, alerts.agentId))
    .where(and(...conditions(filter)))
    .groupBy(alerts.status, alerts.severity);
}

/** Who changed the alert last, by its audit records; null where nobody did. */
export async function lastChangeOf(
  db: Source,
  alertId: string,
): Promise<{ actor: string; kind: string; at: Date } | null> {
  const [row] = await db
    .select({ actor: auditRecords.actor, kind: auditRecords.kind, at: auditRecords.at })
    .from(auditIndex)
    .innerJoin(auditRecords, eq(auditRecords.id, auditIndex.recordId))
    .where(and(eq(auditIndex.kind, "subject"), eq(auditIndex.value, `alert:${alertId}`)))
    .orderBy(desc(auditRecords.ord))
    .limit(1);
  return row ?? null;
}
/** A person who may own an alert, or null. */
export async function findPerson(
  db: Source,
  id: string,
): Promise<{ id: string; email: string; roles: string[] } | null> {
  const [row] = await db
    .select({ id: users.id, email: users.email, roles: users.roles })
    .from(users)
    .where(and(eq(users.id, id), isNull(users.disabledAt)));
  return row ? { ...row, roles: row.roles.split(",").filter(Boolean) } : null;
}

function views(db: Source) {
  const { agentId: _agent, ownerId: _owner, incidentId: _incident, ...columns } = getTableColumns(alerts);
  return db
    .select({
      ...columns,
      agent: { id: agents.id, name: agents.name, did: agents.did },
      owner: { id: users.id, email: users.email },
      incident: { id: incidents.id, number: incidents.number },
    })
    .from(alerts)
    .leftJoin(agents, eq(agents.id, alerts.agentId))
    .leftJoin(users, eq(users.id, alerts.ownerId))
    .leftJoin(incidents, eq(incidents.id, alerts.incidentId))
    .$dynamic();
}

function conditions(filter: ReadFilter): (SQL | undefined)[] {
  const like = filter.search && `%${filter.search.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
  return [
    filter.status?.length ? inArray(alerts.status, filter.status) : undefined,
    filter.severity?.length ? inArray(alerts.severity, filter.severity) : undefined,
    filter.kind?.length ? inArray(alerts.kind, filter.kind) : undefined,
    filter.rule ? eq(alerts.rule, filter.rule) : undefined,
    filter.agent ? or(eq(agents.name, filter.agent), eq(agents.did, filter.agent)) : undefined,
    filter.owner === "none"
      ? isNull(alerts.ownerId)
      : filter.owner
        ? eq(alerts.ownerId, filter.owner)
        : undefined,
    filter.from ? gte(alerts.openedAt, filter.from) : undefined,
    filter.to ? lt(alerts.openedAt, filter.to) : undefined,
    like ? or(ilike(alerts.title, like), ilike(alerts.rule, like), ilike(agents.name, like)) : undefined,
  ];
}
