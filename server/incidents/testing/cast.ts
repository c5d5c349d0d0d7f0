import { randomUUID } from "node:crypto";
import { desc, eq } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { accessTokens, agents, auditRecords, users } from "../../../db/schema/index.ts";
import type { Role } from "../../access/permissions.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { AuditRecordBody } from "../../layers/audit/schema.ts";
import type { Worksheet } from "../schema.ts";

export const NOW = new Date("2026-11-23T12:00:00.000Z");
export const minutesLater = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
export const hoursLater = (hours: number) => minutesLater(hours * 60);

export type Operator = Extract<Actor, { type: "operator" }>;

/** A person with these roles and a session, for one test. */
export async function makeOperator(db: Database, ...roles: Role[]): Promise<Operator> {
  const id = randomUUID();
  const email = `${id}@test.bank`;
  await db
    .insert(users)
    .values({ id, name: email, email, roles: roles.join(","), createdAt: NOW, updatedAt: NOW });
  return { type: "operator", id, email, roles, sessionId: `session-${id}` };
}

/** An active agent with two living tokens and a dead one. */
export async function makeAgent(db: Database, change: Partial<typeof agents.$inferInsert> = {}) {
  const id = randomUUID();
  const name = `agent-${id.slice(0, 8)}`;
  const did = `did:bank:agent:${name}`;
  await db.insert(agents).values({ id, name, did, status: "active", createdAt: NOW, ...change });
  for (const expiresAt of [hoursLater(1), hoursLater(1), minutesLater(-1)])
    await db.insert(accessTokens).values({
      jti: randomUUID(),
      agentId: id,
      scopes: ["accounts:read"],
      grantIds: [],
      policyVersion: 1,
      thumbprint: "t",
      issuedAt: minutesLater(-10),
      expiresAt,
    });
  return { id, name, did };
}

/** The audit records of a kind, newest first, as they were written. */
export async function recordsOf(db: Database, kind: string): Promise<AuditRecordBody[]> {
  const rows = await db
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.kind, kind))
    .orderBy(desc(auditRecords.ord));
  return rows.map((row) => JSON.parse(row.body.toString("utf8")) as AuditRecordBody);
}

/** A worksheet by which the incident must be notified, or need not be. */
export function makeSheet(notifiable: boolean): Worksheet {
  const no = { answer: "no" as const, facts: "nothing of the kind" };
  const likely = { answer: "reasonably-likely" as const, facts: "half of the customers cannot pay" };
  return {
    actualHarm: { answer: true, facts: "the ledger was wrong" },
    limbs: { operations: notifiable ? likely : no, "business-line": no, stability: no },
    impact: {
      serviceDisruptionHours: 5,
      customersAffected: null,
      dataBreachConfirmed: true,
      financialLossUsd: 12.5,
      systemIntegrityCompromised: false,
    },
  };
}
