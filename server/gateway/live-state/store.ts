import { and, eq, gt, inArray, isNotNull, ne, sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { accessTokens, agents, credentials, isolationStates } from "../../../db/schema/index.ts";
import type { Purpose } from "../../layers/identity/schema.ts";

/** Certificates that a gateway must know: those of connections and those of request signatures. */
const PURPOSES = ["transport", "signature"];

export type AgentRow = Awaited<ReturnType<typeof readAgents>>[number];
export type CredentialRow = Awaited<ReturnType<typeof readCredentials>>[number];
export type Restrictions = Awaited<ReturnType<typeof readRestrictions>>;

/** Agents with their isolation state; all of them, or only those named. */
export async function readAgents(db: Database, ids: readonly string[] | null) {
  return db
    .select({
      id: agents.id,
      name: agents.name,
      did: agents.did,
      kind: agents.kind,
      parentId: agents.parentId,
      status: agents.status,
      banned: agents.banned,
      zone: agents.zone,
      state: isolationStates.state,
      limitPerMinute: isolationStates.limitPerMinute,
      epoch: isolationStates.epoch,
      reason: isolationStates.reason,
    })
    .from(agents)
    .leftJoin(isolationStates, eq(isolationStates.agentId, agents.id))
    .where(ids === null ? undefined : inArray(agents.id, [...ids]));
}

/** Their unexpired certificates for connections and signatures, revoked ones too. */
export async function readCredentials(db: Database, ids: readonly string[] | null, now: Date) {
  return db
    .select({
      agentId: credentials.agentId,
      purpose: credentials.purpose,
      thumbprint: credentials.thumbprint,
      keyId: credentials.keyId,
      publicJwk: credentials.publicJwk,
      status: credentials.status,
      notBefore: credentials.notBefore,
      notAfter: credentials.notAfter,
    })
    .from(credentials)
    .where(
      and(
        inArray(credentials.purpose, PURPOSES),
        gt(credentials.notAfter, now),
        ids === null ? undefined : inArray(credentials.agentId, [...ids]),
      ),
    );
}

/** Purposes whose newest certificate is of a tainted authority, or was revoked with its authority, by agent; of all agents, or only those named. */
export async function readRenewals(
  db: Database,
  ids: readonly string[] | null,
  now: Date,
): Promise<Map<string, Purpose[]>> {
  const { rows } = await db.execute<{ agentId: string; purposes: Purpose[] }>(sql`
    select c.agent_id as "agentId", array_agg(distinct c.purpose) as purposes
    from authorities t join credentials c on c.authority_id = t.id
    where (t.status = 'tainted' and c.status = 'active'
        or t.status = 'revoked' and c.revoke_reason = 'authority-revoked') and c.not_after > ${now}
      and (${ids === null} or c.agent_id = any(${sql.param(ids ?? [])}::uuid[]))
      and not exists (
        select 1 from credentials n where n.agent_id = c.agent_id and n.purpose = c.purpose
          and (n.status = 'active' or c.status = 'revoked') and (n.issued_at, n.id) > (c.issued_at, c.id))
    group by c.agent_id`);
  return new Map(rows.map(({ agentId, purposes }) => [agentId, purposes]));
}

/** Token ids that were revoked before their time. */
export async function readRevokedTokens(db: Database, now: Date): Promise<string[]> {
  const rows = await db
    .select({ jti: accessTokens.jti })
    .from(accessTokens)
    .where(and(isNotNull(accessTokens.revokedAt), gt(accessTokens.expiresAt, now)));
  return rows.map((row) => row.jti);
}

/** What takes rights away, in little: compared every second with what is held, whether or not a notice came. */
export async function readRestrictions(db: Database, now: Date) {
  const [isolated, stopped, revoked] = await Promise.all([
    db
      .select({ agentId: isolationStates.agentId, epoch: isolationStates.epoch })
      .from(isolationStates)
      .where(ne(isolationStates.state, "open")),
    db
      .select({ agentId: agents.id, status: agents.status, banned: agents.banned })
      .from(agents)
      .where(sql`${agents.banned} or ${agents.status} in ('contained', 'suspended', 'retired')`),
    db
      .select({ agentId: credentials.agentId, thumbprint: credentials.thumbprint })
      .from(credentials)
      .where(
        and(
          isNotNull(credentials.revokedAt),
          gt(credentials.notAfter, now),
          inArray(credentials.purpose, PURPOSES),
        ),
      ),
  ]);
  return { isolated, stopped, revoked };
}
