import { and, asc, desc, eq, inArray, ne, sql } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import {
  agents,
  alerts,
  clocks,
  containmentSteps,
  containments,
  determinations,
  incidents,
  installation,
  users,
} from "../../db/schema/index.ts";
import { InvalidInputError, NotFoundError } from "../kernel/errors.ts";
import type { Regulator } from "./schema.ts";

/** The alert rule of a containment. */
export const CONTAINMENT_RULE = "agent-contained";

type Source = Database | Tx;
export type IncidentRow = typeof incidents.$inferSelect;
export type ContainmentRow = typeof containments.$inferSelect;
export type ClockRow = typeof clocks.$inferSelect;
export type DeterminationRow = typeof determinations.$inferSelect;
export type StepRow = typeof containmentSteps.$inferSelect;

/** The agent as records name it. */
export type AgentName = { id: string; did: string; name: string };

/** @throws NotFoundError `incident_unknown`. */
export async function incidentById(db: Source, id: string, lock = false): Promise<IncidentRow> {
  const query = db.select().from(incidents).where(eq(incidents.id, id));
  const [row] = await (lock ? query.for("update") : query);
  if (!row) throw new NotFoundError("incident_unknown", "There is no such incident.", { incident: id });
  return row;
}

/** The incident of this number, held until the transaction ends. @throws NotFoundError `incident_unknown`. */
export async function incidentByNumber(tx: Tx, number: number): Promise<IncidentRow> {
  const [row] = await tx.select().from(incidents).where(eq(incidents.number, number)).for("no key update");
  if (!row) throw new NotFoundError("incident_unknown", "There is no such incident.", { incident: number });
  return row;
}

/** The newest open incident of an agent that is no drill: a second containment belongs to it. */
export async function openIncidentOf(db: Source, agentId: string): Promise<IncidentRow | null> {
  const [row] = await db
    .select()
    .from(incidents)
    .where(and(eq(incidents.agentId, agentId), eq(incidents.status, "open"), eq(incidents.drill, false)))
    .orderBy(desc(incidents.openedAt), desc(incidents.number))
    .limit(1);
  return row ?? null;
}

/** @throws NotFoundError `containment_unknown`. */
export async function containmentById(db: Source, id: string, lock = false): Promise<ContainmentRow> {
  const query = db.select().from(containments).where(eq(containments.id, id));
  const [row] = await (lock ? query.for("update") : query);
  if (!row)
    throw new NotFoundError("containment_unknown", "There is no such containment.", { containment: id });
  return row;
}

/** The containment of an agent that nobody has released. */
export async function openContainmentOf(db: Source, agentId: string): Promise<ContainmentRow | null> {
  const [row] = await db
    .select()
    .from(containments)
    .where(and(eq(containments.agentId, agentId), ne(containments.status, "released")));
  return row ?? null;
}

/** Containments with work left: steps to take again, or gateways to hear from. Newest first: old trouble waits. */
export async function unfinishedContainments(db: Source, limit: number): Promise<ContainmentRow[]> {
  return db
    .select()
    .from(containments)
    .where(inArray(containments.status, ["running", "partial"]))
    .orderBy(desc(containments.requestedAt), desc(containments.id))
    .limit(limit);
}

export async function stepsOf(db: Source, containmentId: string): Promise<StepRow[]> {
  return db.select().from(containmentSteps).where(eq(containmentSteps.containmentId, containmentId));
}

/** Locks the agent's row: what decides about an agent waits here for whoever decides at the same moment. */
export async function lockAgent(tx: Tx, agentId: string): Promise<AgentName & { ownerId: string | null }> {
  const [row] = await tx
    .select({ id: agents.id, did: agents.did, name: agents.name, ownerId: agents.ownerId })
    .from(agents)
    .where(eq(agents.id, agentId))
    .for("no key update");
  if (!row) throw new NotFoundError("agent_unknown", "There is no such agent.", { agent: agentId });
  return row;
}

/** The agent of an incident or containment as records name it; undefined for none. */
export async function agentNamed(db: Source, agentId: string | null): Promise<AgentName | undefined> {
  if (!agentId) return undefined;
  const [row] = await db
    .select({ id: agents.id, did: agents.did, name: agents.name })
    .from(agents)
    .where(eq(agents.id, agentId));
  if (!row) throw new NotFoundError("agent_unknown", "There is no such agent.", { agent: agentId });
  return row;
}

/** @throws NotFoundError `clock_unknown`. */
export async function clockById(db: Source, id: string): Promise<ClockRow> {
  const [row] = await db.select().from(clocks).where(eq(clocks.id, id));
  if (!row) throw new NotFoundError("clock_unknown", "There is no such clock.", { clock: id });
  return row;
}

export async function clocksOf(db: Source, incidentId: string): Promise<ClockRow[]> {
  return db.select().from(clocks).where(eq(clocks.incidentId, incidentId)).orderBy(asc(clocks.anchorAt));
}

/** The determination that counts: the one that no other supersedes, whatever any clock said. */
export async function latestDetermination(db: Source, incidentId: string): Promise<DeterminationRow | null> {
  const [row] = await db
    .select()
    .from(determinations)
    .where(
      and(
        eq(determinations.incidentId, incidentId),
        sql`not exists (select 1 from determinations later where later.supersedes = ${determinations.id})`,
      ),
    );
  return row ?? null;
}

/** The bank's primary federal regulator, as the installation has it; the Board where nothing was set up. */
export async function primaryRegulator(db: Source): Promise<Regulator> {
  const [row] = await db.select({ regulator: installation.regulator }).from(installation);
  return (row?.regulator ?? "board") as Regulator;
}

/** @throws NotFoundError `alert_unknown`. */
export async function alertById(db: Source, id: string): Promise<typeof alerts.$inferSelect> {
  const [row] = await db.select().from(alerts).where(eq(alerts.id, id));
  if (!row) throw new NotFoundError("alert_unknown", "There is no such alert.", { alert: id });
  return row;
}

/** @throws InvalidInputError `person_unknown` for nobody, or somebody whose account is closed. */
export async function requirePerson(db: Source, userId: string): Promise<{ id: string; email: string }> {
  const [row] = await db
    .select({ id: users.id, email: users.email, disabledAt: users.disabledAt })
    .from(users)
    .where(eq(users.id, userId));
  if (!row || row.disabledAt)
    throw new InvalidInputError("person_unknown", "There is no active person with this id.", {
      user: userId,
    });
  return { id: row.id, email: row.email };
}

/** E-mail addresses of people by id, for the screens; duties and agents have none. */
export async function emailsOf(db: Source, ids: readonly (string | null)[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.filter((id): id is string => id !== null))];
  if (wanted.length === 0) return new Map();
  const rows = await db
    .select({ id: users.id, email: users.email })
    .from(users)
    .where(inArray(users.id, wanted));
  return new Map(rows.map(({ id, email }) => [id, email]));
}
