import { and, asc, eq, gte, inArray, ne, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import {
  agents,
  isolationConfirmations,
  isolationStates,
  peers,
  processes,
  windowSlices,
  zoneEdges,
  zones,
} from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import type { IsolationState } from "./schema.ts";

type Source = Database | Tx;
export type IsolationRow = Omit<typeof isolationStates.$inferSelect, "state"> & { state: IsolationState };

/**
 * The agent, with its isolation state locked against other changes. An agent without a row is open at epoch 0.
 *
 * @throws NotFoundError `agent_unknown`.
 */
export async function lockIsolation(
  tx: Tx,
  agentId: string,
): Promise<{ agent: { id: string; name: string; did: string }; row: IsolationRow | null }> {
  const [agent] = await tx
    .select({ id: agents.id, name: agents.name, did: agents.did })
    .from(agents)
    .where(eq(agents.id, agentId))
    .for("no key update");
  if (!agent) throw new NotFoundError("agent_unknown", "There is no such agent.", { agentId });
  const [row] = await tx.select().from(isolationStates).where(eq(isolationStates.agentId, agentId));
  return { agent, row: (row as IsolationRow | undefined) ?? null };
}

/** Writes the state under the next epoch, and returns that. */
export async function writeIsolation(
  tx: Tx,
  change: Omit<typeof isolationStates.$inferInsert, "epoch">,
): Promise<number> {
  const [row] = await tx
    .insert(isolationStates)
    .values(change)
    .onConflictDoUpdate({
      target: isolationStates.agentId,
      set: { ...change, epoch: sql`${isolationStates.epoch} + 1` },
    })
    .returning({ epoch: isolationStates.epoch });
  return row?.epoch ?? 0;
}

export async function allZones(db: Source) {
  const [zoneRows, peerRows, edgeRows, agentRows] = await Promise.all([
    db.select().from(zones).orderBy(asc(zones.name)),
    db.select().from(peers).orderBy(asc(peers.name)),
    db.select().from(zoneEdges).orderBy(asc(zoneEdges.fromZone), asc(zoneEdges.toZone)),
    db
      .select({ id: agents.id, name: agents.name, did: agents.did, zone: agents.zone })
      .from(agents)
      .where(ne(agents.status, "retired"))
      .orderBy(asc(agents.name)),
  ]);
  return { zones: zoneRows, peers: peerRows, edges: edgeRows, agents: agentRows };
}

export async function isolationRows(db: Source): Promise<IsolationRow[]> {
  return (await db.select().from(isolationStates)) as IsolationRow[];
}

/** Confirmations of the epochs that hold now, for agents that are not open. */
export async function currentConfirmations(db: Source) {
  return db
    .select({
      agentId: isolationConfirmations.agentId,
      gatewayId: isolationConfirmations.gatewayId,
      connectionsCut: isolationConfirmations.connectionsCut,
      confirmedAt: isolationConfirmations.confirmedAt,
    })
    .from(isolationConfirmations)
    .innerJoin(
      isolationStates,
      and(
        eq(isolationStates.agentId, isolationConfirmations.agentId),
        eq(isolationStates.epoch, isolationConfirmations.epoch),
      ),
    )
    .where(inArray(isolationStates.state, ["limited", "deny_all"]));
}

export async function liveGateways(db: Source, since: Date): Promise<string[]> {
  const rows = await db
    .select({ id: processes.id })
    .from(processes)
    .where(and(eq(processes.role, "gateway"), gte(processes.seenAt, since)))
    .orderBy(asc(processes.id));
  return rows.map((row) => row.id);
}

/** Which zone's agents named which peers since an instant, and how often. */
export async function observedPeers(
  db: Source,
  since: Date,
): Promise<{ zone: string; peer: string; calls: number }[]> {
  const { rows } = await db.execute<{ zone: string; peer: string; calls: number }>(sql`
    select a.zone, p.key as peer, sum(p.value::numeric)::int as calls
    from ${windowSlices} s
    join ${agents} a on a.id = s.agent_id
    cross join lateral jsonb_each_text(s.state -> 'peers' -> 'n') p
    where s.slice_at >= ${since}
    group by a.zone, p.key order by calls desc limit 200`);
  return rows;
}
