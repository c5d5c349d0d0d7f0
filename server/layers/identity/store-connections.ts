import { desc, eq, inArray, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { observedConnections } from "../../../db/schema/index.ts";
import { EARLIER_CERTIFICATES, type Negotiated, type SeenConnection } from "./connection-schema.ts";

/** Certificates of an agent and outcome that keep a row of their own. */
const CERTIFICATES_KEPT = 8;

export type ConnectionRow = typeof observedConnections.$inferSelect;

/** Waits until no other gateway writes connections, to the end of the transaction. */
export async function holdConnections(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('vigil observed connections'))`);
}

/** What each of these agents negotiated before. */
export async function connectionsKnown(
  tx: Tx,
  agentIds: readonly string[],
): Promise<Map<string, Negotiated[]>> {
  const { agentId, version, cipher, keyExchange } = observedConnections;
  const rows = await tx
    .selectDistinct({ agentId, version, cipher, keyExchange })
    .from(observedConnections)
    .where(inArray(agentId, [...agentIds]));
  return Map.groupBy(rows, (row) => row.agentId);
}

/** Adds these counts; each agent, certificate and outcome is there once. */
export async function addConnections(tx: Tx, seen: readonly SeenConnection[]): Promise<void> {
  const t = observedConnections;
  await tx
    .insert(t)
    .values(seen.map(({ firstAt, lastAt, ...row }) => ({ ...row, firstSeenAt: firstAt, lastSeenAt: lastAt })))
    .onConflictDoUpdate({
      target: [t.agentId, t.path, t.version, t.cipher, t.keyExchange, t.thumbprint],
      set: {
        count: sql`${t.count} + excluded.count`,
        resumed: sql`${t.resumed} + excluded.resumed`,
        lastSeenAt: sql`greatest(${t.lastSeenAt}, excluded.last_seen_at)`,
      },
    });
}

/** Folds the rows of certificates that are no longer among the newest eight of an outcome into one. */
export async function foldEarlierCertificates(tx: Tx, agentIds: readonly string[]): Promise<void> {
  await tx.execute(sql`
    with ranked as (
      select agent_id, path, version, cipher, key_exchange, thumbprint, row_number() over (
          partition by agent_id, path, version, cipher, key_exchange order by last_seen_at desc, thumbprint) as place
      from observed_connections
      where agent_id = any(${sql.param([...agentIds])}::uuid[]) and thumbprint <> ${EARLIER_CERTIFICATES}
    ), gone as (
      delete from observed_connections o using ranked r
      where r.place > ${CERTIFICATES_KEPT} and (o.agent_id, o.path, o.version, o.cipher, o.key_exchange, o.thumbprint)
        = (r.agent_id, r.path, r.version, r.cipher, r.key_exchange, r.thumbprint)
      returning o.*
    )
    insert into observed_connections as o (agent_id, path, version, cipher, key_exchange, thumbprint, count, resumed,
      first_seen_at, last_seen_at)
    select agent_id, path, version, cipher, key_exchange, ${EARLIER_CERTIFICATES}, sum(count), sum(resumed),
      min(first_seen_at), max(last_seen_at)
    from gone group by agent_id, path, version, cipher, key_exchange
    on conflict (agent_id, path, version, cipher, key_exchange, thumbprint) do update set
      count = o.count + excluded.count, resumed = o.resumed + excluded.resumed,
      first_seen_at = least(o.first_seen_at, excluded.first_seen_at),
      last_seen_at = greatest(o.last_seen_at, excluded.last_seen_at)`);
}

/** Everything an agent negotiated, newest first. */
export async function connectionRows(db: Database | Tx, agentId: string): Promise<ConnectionRow[]> {
  return db
    .select()
    .from(observedConnections)
    .where(eq(observedConnections.agentId, agentId))
    .orderBy(desc(observedConnections.lastSeenAt), observedConnections.thumbprint);
}
