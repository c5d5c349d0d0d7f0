import { and, desc, eq, gt, inArray, isNotNull, isNull, lte, or } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agentsAbove, lockLine } from "../../../db/family.ts";
import { agents, maintenanceWindows } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { termsDigest } from "./engine/decide-second.ts";
import type { MaintenanceState } from "./learning-schema.ts";

type Source = Database | Tx;
export type MaintenanceRow = typeof maintenanceWindows.$inferSelect;
const SHOWN_MAX = 200;

/** What a decision on maintenance is bound to. */
export function maintenanceDigest(
  row: Pick<MaintenanceRow, "agentIds" | "causes" | "startsAt" | "endsAt">,
): string {
  const { agentIds, causes, startsAt, endsAt } = row;
  return termsDigest("maintenance", {
    ...{ agentIds: [...agentIds].sort(), causes: [...causes].sort() },
    ...{ from: startsAt.toISOString(), to: endsAt.toISOString() },
  });
}

/** @throws NotFoundError `maintenance_unknown`. */
export async function maintenanceById(db: Source, id: string, lock = false): Promise<MaintenanceRow> {
  const query = db.select().from(maintenanceWindows).where(eq(maintenanceWindows.id, id));
  const [row] = await (lock ? query.for("update") : query);
  if (!row) throw new NotFoundError("maintenance_unknown", "There is no such maintenance.", { id });
  return row;
}

/** The newest by start. */
export async function maintenanceRows(db: Source): Promise<MaintenanceRow[]> {
  return db
    .select()
    .from(maintenanceWindows)
    .orderBy(desc(maintenanceWindows.startsAt), desc(maintenanceWindows.id))
    .limit(SHOWN_MAX);
}

/** Names of agents by id. */
export async function agentNames(db: Source, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: agents.id, name: agents.name })
    .from(agents)
    .where(inArray(agents.id, [...new Set(ids)]));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Accounts that own one of these agents or one above it; with `tx` and `lock` they stay so. */
export async function ownersOfAll(db: Source, ids: readonly string[]): Promise<string[]> {
  const owners = new Set<string>();
  const own =
    ids.length === 0
      ? []
      : await db
          .select()
          .from(agents)
          .where(inArray(agents.id, [...ids]));
  for (const agent of own)
    for (const { ownerId } of [agent, ...(agent.parentId ? await agentsAbove(db, agent.id) : [])])
      if (ownerId) owners.add(ownerId);
  return [...owners];
}

/** Locks these agents and those above them, in one order everywhere. */
export async function lockAgents(tx: Tx, ids: readonly string[]): Promise<void> {
  for (const id of [...ids].sort()) await lockLine(tx, id, "share");
}

/** Moves a plan on that nobody has decided, once. @returns whether nobody had. */
export async function leavePlanned(tx: Tx, id: string, to: Partial<MaintenanceRow>): Promise<boolean> {
  const moved = await tx
    .update(maintenanceWindows)
    .set(to)
    .where(and(eq(maintenanceWindows.id, id), eq(maintenanceWindows.status, "pending")))
    .returning({ id: maintenanceWindows.id });
  return moved.length === 1;
}

/** Ends approved maintenance before its time, once. @returns whether it had not ended. */
export async function endEarly(tx: Tx, id: string, by: string, now: Date): Promise<boolean> {
  const ended = await tx
    .update(maintenanceWindows)
    .set({ cancelledAt: now, cancelledBy: by })
    .where(
      and(
        eq(maintenanceWindows.id, id),
        eq(maintenanceWindows.status, "approved"),
        isNull(maintenanceWindows.cancelledAt),
        gt(maintenanceWindows.endsAt, now),
      ),
    )
    .returning({ id: maintenanceWindows.id });
  return ended.length === 1;
}

/** Rows whose start or end has come and is not written down, locked; what somebody else holds is left out. */
export async function unnotedMaintenance(tx: Tx, now: Date, limit: number): Promise<MaintenanceRow[]> {
  const { status, startsAt, endsAt, cancelledAt, startNotedAt, endNotedAt } = maintenanceWindows;
  return tx
    .select()
    .from(maintenanceWindows)
    .where(
      and(
        isNull(endNotedAt),
        or(
          and(eq(status, "pending"), lte(endsAt, now)),
          and(eq(status, "approved"), or(lte(endsAt, now), isNotNull(cancelledAt))),
          and(eq(status, "approved"), isNull(startNotedAt), lte(startsAt, now)),
        ),
      ),
    )
    .orderBy(maintenanceWindows.id)
    .limit(limit)
    .for("update", { skipLocked: true });
}

/** Where maintenance stands at an instant. It runs from its start to its end, exclusive. */
export function stateOfMaintenance(row: MaintenanceRow, now: Date): MaintenanceState {
  const { status, startsAt, endsAt, cancelledAt } = row;
  if (status === "pending") return endsAt > now ? "pending" : "expired";
  if (status !== "approved") return status as MaintenanceState;
  if (cancelledAt !== null && cancelledAt <= now) return "cancelled";
  if (endsAt <= now) return "ended";
  return startsAt <= now ? "running" : "planned";
}
