import { inArray, sql } from "drizzle-orm";
import type { Database, Tx } from "./client.ts";
import { agents } from "./schema/index.ts";

type Source = Database | Tx;
type AgentRow = typeof agents.$inferSelect;

/** Lines are followed this far; no family is as deep, so that one which is has something wrong with it. */
const STEPS_MAX = 8;

/**
 * The agent and those above it, locked from the eldest down until the transaction ends: everybody who locks more
 * than one agent does it in this order. Whoever is stopped meanwhile is stopped wholly before or wholly after.
 *
 * @param strength `share` lets others share and keeps each status as it is; `yielding` is a share that stands back
 * for whoever waits to stop one of them; `update` waits for all who share.
 * @param parentId the agent's, where the caller knows it: it is for good, and without one there is no line to read.
 * @returns the agent first, then its parent and so on; empty where there is no such agent.
 */
export async function lockLine(
  tx: Tx,
  agentId: string,
  strength: "share" | "yielding" | "update",
  parentId?: string | null,
): Promise<AgentRow[]> {
  const ids = [...(parentId === null ? [] : await idsAbove(tx, agentId)), agentId];
  if (strength === "yielding") await takeTurn(tx, ids, "pg_advisory_xact_lock_shared");
  else if (strength === "update") await takeTurn(tx, ids, "pg_advisory_xact_lock");
  const rows = await tx
    .select()
    .from(agents)
    .where(inArray(agents.id, ids))
    .orderBy(sql`array_position(${sql.param(ids)}::uuid[], ${agents.id})`)
    .for(strength === "update" ? "no key update" : "share");
  return rows.reverse();
}

/**
 * Goes first at an agent's row, in the caller's transaction and before it locks that row: whoever stops an agent
 * calls this. Row locks are shared past those who wait for them, so that without it an agent that asks for tokens
 * without end, or a child of it, could put off its own containment for ever.
 */
export async function claimTurn(tx: Tx, agentId: string): Promise<void> {
  await takeTurn(tx, [agentId], "pg_advisory_xact_lock");
}

/** Advisory locks are served in the order of asking, unlike shares of a row. The eldest comes first. */
async function takeTurn(
  tx: Tx,
  ids: readonly string[],
  how: "pg_advisory_xact_lock" | "pg_advisory_xact_lock_shared",
): Promise<void> {
  await tx.execute(sql`select ${sql.raw(how)}(hashtextextended('agent ' || id, 0)) from (
    select id from unnest(${sql.param(ids)}::text[]) with ordinality as t (id, n) order by n) as line`);
}

/** Those above an agent, its parent first, as they stand now. */
export async function agentsAbove(db: Source, agentId: string): Promise<AgentRow[]> {
  return inOrder(db, (await idsAbove(db, agentId)).reverse());
}

/** Everybody below an agent, generation by generation, in one order everywhere. */
export async function agentsBelow(db: Source, agentId: string): Promise<AgentRow[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    with recursive family as (
      select id, 1 as step from agents where parent_id = ${agentId}
      union all
      select a.id, step + 1 from family join agents a on a.parent_id = family.id where step < ${STEPS_MAX}
    ) select id from family order by step, id`);
  return inOrder(
    db,
    rows.map((row) => row.id),
  );
}

/** The eldest first. */
async function idsAbove(db: Source, agentId: string): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    with recursive line as (
      select parent_id as id, 1 as step from agents where id = ${agentId} and parent_id is not null
      union all
      select a.parent_id, step + 1 from line join agents a on a.id = line.id
      where a.parent_id is not null and step < ${STEPS_MAX}
    ) select id from line order by step desc`);
  return rows.map((row) => row.id);
}

async function inOrder(db: Source, ids: readonly string[]): Promise<AgentRow[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select()
    .from(agents)
    .where(inArray(agents.id, [...ids]));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
