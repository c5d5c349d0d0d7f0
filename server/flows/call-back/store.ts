import { and, asc, desc, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { JWK } from "jose";
import type { Database, Tx } from "../../../db/client.ts";
import {
  agents,
  approvals,
  authorities,
  callbackDeliveries,
  callbackEndpoints,
  credentials,
} from "../../../db/schema/index.ts";

export type DeliveryRow = typeof callbackDeliveries.$inferSelect;

/**
 * Queues the decisions that agents wait for and were not told: once each, however many workers look. What was decided
 * before an agent named its server is not told.
 *
 * @returns how many were queued.
 */
export async function queueDecisions(tx: Tx, now: Date, limit: number): Promise<number> {
  const queued = await tx.execute(sql`
    insert into callback_deliveries (agent_id, topic, subject, body, created_at, next_attempt_at)
    select a.agent_id, 'approval.decided', a.id::text,
      jsonb_build_object('approvalId', a.id, 'scope', a.scope, 'resource', a.resource, 'status', a.status,
        'grantId', a.grant_id, 'decidedAt', to_char(a.decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
      ${now}, ${now}
    from ${approvals} a join ${callbackEndpoints} e on e.agent_id = a.agent_id
    where a.status in ('approved', 'denied', 'expired') and a.decided_at >= e.set_at
      and not exists (select 1 from callback_deliveries d
        where d.agent_id = a.agent_id and d.topic = 'approval.decided' and d.subject = a.id::text)
    order by a.decided_at limit ${limit}
    on conflict do nothing`);
  return queued.rowCount ?? 0;
}

/** For each agent that waits the first message it has not got, where its time has come. */
export async function dueDeliveries(db: Database, now: Date, limit: number): Promise<DeliveryRow[]> {
  const heads = db
    .selectDistinctOn([callbackDeliveries.agentId])
    .from(callbackDeliveries)
    .where(and(isNull(callbackDeliveries.deliveredAt), isNull(callbackDeliveries.deadAt)))
    .orderBy(asc(callbackDeliveries.agentId), asc(callbackDeliveries.id))
    .as("heads");
  return db
    .select()
    .from(heads)
    .where(sql`${heads.nextAttemptAt} <= ${now}`)
    .orderBy(asc(heads.nextAttemptAt))
    .limit(limit);
}

/** What sending to an agent needs: its server, its live callback certificates, its newest live encryption key. */
export async function receiverOf(db: Database, agentId: string, now: Date) {
  const [agent] = await db
    .select({ name: agents.name, did: agents.did, status: agents.status, url: callbackEndpoints.url })
    .from(callbackEndpoints)
    .innerJoin(agents, eq(agents.id, callbackEndpoints.agentId))
    .where(eq(callbackEndpoints.agentId, agentId));
  const live = await db
    .select({
      purpose: credentials.purpose,
      thumbprint: credentials.thumbprint,
      keyId: credentials.keyId,
      publicJwk: credentials.publicJwk,
    })
    .from(credentials)
    .where(
      and(
        eq(credentials.agentId, agentId),
        inArray(credentials.purpose, ["callback", "encryption"]),
        eq(credentials.status, "active"),
        gt(credentials.notAfter, now),
      ),
    )
    .orderBy(desc(credentials.issuedAt), desc(credentials.id));
  const encryption = live.find(({ purpose }) => purpose === "encryption");
  return {
    agent,
    thumbprints: live.filter(({ purpose }) => purpose === "callback").map(({ thumbprint }) => thumbprint),
    encryption: encryption && { keyId: encryption.keyId, publicJwk: encryption.publicJwk as JWK },
  };
}

/** The certificate of the root: the one authority that a callback server's certificate must lead to. */
export async function rootCertificate(db: Database): Promise<string> {
  const [root] = await db
    .select({ pem: authorities.certificatePem })
    .from(authorities)
    .where(and(eq(authorities.purpose, "root"), eq(authorities.status, "active")))
    .orderBy(desc(authorities.createdAt))
    .limit(1);
  return root?.pem ?? "";
}

/** Writes how an attempt ended; nothing where another worker delivered it meanwhile. */
export async function settleDelivery(
  tx: Tx,
  id: number,
  set: Partial<typeof callbackDeliveries.$inferInsert>,
): Promise<void> {
  await tx
    .update(callbackDeliveries)
    .set(set)
    .where(and(eq(callbackDeliveries.id, id), isNull(callbackDeliveries.deliveredAt)));
}
