import { and, count, desc, eq, getTableColumns, isNull, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Database, Tx } from "../../../db/client.ts";
import { agents, alerts, incidents, users } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { type Asking, conditions } from "./alert-conditions.ts";
import { type AlertView, alertView, type ReadFilter } from "./schema.ts";

type Source = Database | Tx;
const mergedAlert = alias(alerts, "merged_alert");

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
  asking?: Asking,
): Promise<AlertView[]> {
  const behind = after
    ? sql`(${alerts.openedAt}, ${alerts.id}) < (${after.openedAt}, ${after.id}::uuid)`
    : undefined;
  const rows = await views(db)
    .where(and(...conditions(filter, asking), behind))
    .orderBy(desc(alerts.openedAt), desc(alerts.id))
    .limit(limit);
  return rows.map((row) => alertView.parse(row));
}

/** How many pass the filter, by status and severity. */
export async function alertCounts(db: Source, filter: ReadFilter, asking: Asking) {
  return db
    .select({ status: alerts.status, severity: alerts.severity, count: count() })
    .from(alerts)
    .leftJoin(agents, eq(agents.id, alerts.agentId))
    .leftJoin(users, eq(users.id, alerts.ownerId))
    .leftJoin(incidents, eq(incidents.id, alerts.incidentId))
    .where(and(...conditions(filter, asking)))
    .groupBy(alerts.status, alerts.severity);
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

/** Alerts as views, to be narrowed: with the agent, the owner, the incident and the alert each is part of. */
export function views(db: Source) {
  const {
    agentId: _agent,
    ownerId: _owner,
    incidentId: _incident,
    mergedInto: _merged,
    ...columns
  } = getTableColumns(alerts);
  return db
    .select({
      ...columns,
      agent: { id: agents.id, name: agents.name, did: agents.did },
      owner: { id: users.id, email: users.email },
      incident: { id: incidents.id, number: incidents.number },
      mergedInto: { id: mergedAlert.id, number: mergedAlert.number },
    })
    .from(alerts)
    .leftJoin(agents, eq(agents.id, alerts.agentId))
    .leftJoin(users, eq(users.id, alerts.ownerId))
    .leftJoin(incidents, eq(incidents.id, alerts.incidentId))
    .leftJoin(mergedAlert, eq(mergedAlert.id, alerts.mergedInto))
    .$dynamic();
}
