import { randomBytes, randomUUID } from "node:crypto";
import { asc, eq } from "drizzle-orm";
import type { Database } from "../../../../db/client.ts";
import { agents, auditRecords, users, windowDeltas } from "../../../../db/schema/index.ts";
import type { Role } from "../../../access/permissions.ts";
import type { Actor } from "../../../kernel/actor.ts";
import { uuidv7 } from "../../../kernel/ids.ts";
import { emptySlice, foldAction, type Slice } from "../engine/slice.ts";

export const SYSTEM: Actor = { type: "system", id: "monitoring" };
export type Operator = Extract<Actor, { type: "operator" }>;

export async function makePerson(db: Database, roles: Role[], now: Date): Promise<Operator> {
  const id = randomUUID();
  const email = `${roles[0]}-${randomBytes(4).toString("hex")}@bank.example`;
  await db
    .insert(users)
    .values({ id, name: email, email, roles: roles.join(","), createdAt: now, updatedAt: now });
  return { type: "operator", id, email, roles, sessionId: randomUUID() };
}

export async function makeAgent(
  db: Database,
  now: Date,
  as: Partial<typeof agents.$inferInsert> = {},
): Promise<typeof agents.$inferSelect> {
  const name = `agent-${randomBytes(5).toString("hex")}`;
  const [row] = await db
    .insert(agents)
    .values({
      id: uuidv7(now.getTime()),
      name,
      did: `did:bank:agent:${name}`,
      status: "active",
      createdAt: now,
      ...as,
    })
    .returning();
  if (!row) throw new Error("no agent was made");
  return row;
}

/** Kinds and bodies of an agent's audit records, oldest first. */
export async function recordsOf(db: Database, agentId: string) {
  const rows = await db
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.agentId, agentId))
    .orderBy(asc(auditRecords.ord));
  return rows.map(({ kind, body, actor }) => ({
    kind,
    actor,
    details: (JSON.parse(body.toString("utf8")) as { details: Record<string, unknown> }).details,
  }));
}

const STEPS = ["transactions.read", "score.compute", "alerts.create"];

/** A slice of calls in the order that `usualWeeks` knows, or in none. */
export function sliceOfCalls(
  calls: number,
  sliceMs: number,
  more: { bytes?: number; order?: (i: number) => number; sourceIp?: string } = {},
): Slice {
  const slice = emptySlice();
  for (let i = 0; i < calls; i++)
    foldAction(slice, {
      action: STEPS[(more.order?.(i) ?? i) % 3] ?? "",
      atMs: sliceMs + Math.floor((i * 10_000) / calls),
      endpoint: `/v1/${i % 5}`,
      bytes: more.bytes ?? 167_000,
      sourceIp: more.sourceIp ?? "10.1.2.3",
      refused: false,
    });
  return slice;
}

/** What a gateway would commit for the agent. */
export async function addDelta(
  db: Database,
  agentId: string,
  sliceMs: number,
  delta: unknown,
): Promise<void> {
  await db.insert(windowDeltas).values({ agentId, sliceAt: new Date(sliceMs), delta });
}
