import { randomBytes, randomUUID } from "node:crypto";
import { desc, eq } from "drizzle-orm";
import type { Database } from "../../../../db/client.ts";
import { agents, auditRecords, users } from "../../../../db/schema/index.ts";
import type { Role } from "../../../access/permissions.ts";
import type { Actor } from "../../../kernel/actor.ts";
import { uuidv7 } from "../../../kernel/ids.ts";

export const NOW = new Date("2026-11-23T12:00:00.000Z");
export const SYSTEM: Actor = { type: "system", id: "test" };
export type Operator = Extract<Actor, { type: "operator" }>;

/** The instant `seconds` after the tests' noon. */
export function later(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000);
}

/** A person with these roles, in the database and as an actor with a session. */
export async function makePerson(db: Database, roles: Role[], email?: string): Promise<Operator> {
  const id = randomUUID();
  const address = email ?? `${randomBytes(4).toString("hex")}@bank.example`;
  await db
    .insert(users)
    .values({ id, name: address, email: address, roles: roles.join(","), createdAt: NOW, updatedAt: NOW });
  return { type: "operator", id, email: address, roles, sessionId: randomUUID() };
}

/** An agent, active unless told otherwise. */
export async function makeAgent(
  db: Database,
  as: Partial<typeof agents.$inferInsert> = {},
): Promise<typeof agents.$inferSelect> {
  const name = `agent-${randomBytes(5).toString("hex")}`;
  const [row] = await db
    .insert(agents)
    .values({
      id: uuidv7(NOW.getTime()),
      name,
      did: `did:web:localhost%3A8444:agents:${name}`,
      status: "active",
      createdAt: NOW,
      ...as,
    })
    .returning();
  if (!row) throw new Error("no agent was made");
  return row;
}

/** Bodies of an agent's audit records, newest first. */
export async function recordsOf(
  db: Database,
  agentId: string,
): Promise<{ kind: string; outcome: string | null; body: Record<string, unknown> }[]> {
  const rows = await db
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.agentId, agentId))
    .orderBy(desc(auditRecords.ord));
  return rows.map((row) => ({
    kind: row.kind,
    outcome: row.outcome,
    body: JSON.parse(row.body.toString("utf8")) as Record<string, unknown>,
  }));
}
