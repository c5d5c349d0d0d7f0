import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, lt, or, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import {
  agents,
  authorities,
  certificateRequests,
  credentials,
  joinTokens,
} from "../../../db/schema/index.ts";
import { NotFoundError, UnavailableError } from "../../kernel/errors.ts";
import { TRUSTED } from "./engine/authority-lifecycle.ts";
import { type AgentStatus, type AuthorityStatus, ISSUERS, type Issuer, type Purpose } from "./schema.ts";

export type AgentRow = Omit<typeof agents.$inferSelect, "status"> & { status: AgentStatus };
export type AuthorityRow = typeof authorities.$inferSelect;
export type CredentialRow = typeof credentials.$inferSelect;
export type RequestRow = typeof certificateRequests.$inferSelect;
type Source = Database | Tx;
/** `transport-anchor` is the transport authority signed by itself; `door` is the doors' own certificate. */
type AuthorityPurpose = Issuer | "root" | "transport-anchor" | "door";

/** @throws NotFoundError `agent_unknown`. */
export async function agentByName(db: Source, name: string): Promise<AgentRow> {
  const [row] = await db.select().from(agents).where(eq(agents.name, name));
  if (!row) throw unknownAgent(name);
  return row as AgentRow;
}

/** @throws NotFoundError `agent_unknown`. */
export async function agentById(db: Source, id: string, lock = false): Promise<AgentRow> {
  const query = db.select().from(agents).where(eq(agents.id, id));
  const [row] = await (lock ? query.for("no key update") : query);
  if (!row) throw unknownAgent(id);
  return row as AgentRow;
}

/** The authority that signs now for a purpose. @throws UnavailableError `authority_missing`. */
export async function activeAuthority(db: Source, purpose: AuthorityPurpose): Promise<AuthorityRow> {
  const [row] = await authoritiesFor(db, purpose);
  if (!row)
    throw new UnavailableError("authority_missing", `The ${purpose} authority has not been made yet.`, {
      purpose,
    });
  return row;
}

/** Authorities of a purpose in these states, newest first; without any named, those that sign. */
export async function authoritiesFor(
  db: Source,
  purpose: AuthorityPurpose,
  statuses: readonly AuthorityStatus[] = ["active"],
): Promise<AuthorityRow[]> {
  return db
    .select()
    .from(authorities)
    .where(and(eq(authorities.purpose, purpose), inArray(authorities.status, [...statuses])))
    .orderBy(desc(authorities.createdAt), desc(authorities.id));
}

/** The transport authorities that are believed: as anchors, each signed by itself, and their ids. */
export async function transportTrust(db: Source): Promise<{ anchors: AuthorityRow[]; trusts: string[] }> {
  const trusted = await authoritiesFor(db, "transport", TRUSTED);
  const keyNames = new Set(trusted.map(({ keyName }) => keyName));
  const anchors = (await authoritiesFor(db, "transport-anchor")).filter((it) => keyNames.has(it.keyName));
  const anchored = new Set(anchors.map(({ keyName }) => keyName));
  return { anchors, trusts: trusted.filter((it) => anchored.has(it.keyName)).map(({ id }) => id) };
}

/** The credentials that count at `now`, newest first. */
export async function liveCredentials(
  db: Source,
  agentId: string,
  now: Date,
  only?: Purpose,
): Promise<CredentialRow[]> {
  return db
    .select()
    .from(credentials)
    .where(
      and(
        eq(credentials.agentId, agentId),
        eq(credentials.status, "active"),
        gt(credentials.notAfter, now),
        only && eq(credentials.purpose, only),
      ),
    )
    .orderBy(desc(credentials.issuedAt), desc(credentials.id));
}

export async function credentialByKey(db: Source, keyId: string): Promise<CredentialRow | null> {
  const [row] = await db.select().from(credentials).where(eq(credentials.keyId, keyId));
  return row ?? null;
}

/** The newest credential of each purpose, whether it still counts or not. */
export async function newestCredentials(db: Source, agentId: string): Promise<CredentialRow[]> {
  return db
    .selectDistinctOn([credentials.purpose])
    .from(credentials)
    .where(eq(credentials.agentId, agentId))
    .orderBy(credentials.purpose, desc(credentials.issuedAt), desc(credentials.id));
}

/** Every credential of an agent, newest first. */
export async function credentialHistory(
  db: Source,
  agentId: string,
  limit: number,
): Promise<CredentialRow[]> {
  return db
    .select()
    .from(credentials)
    .where(eq(credentials.agentId, agentId))
    .orderBy(desc(credentials.issuedAt), desc(credentials.id))
    .limit(limit);
}

export async function refusedRequestsOf(db: Source, agentId: string, limit: number): Promise<RequestRow[]> {
  return db
    .select()
    .from(certificateRequests)
    .where(and(eq(certificateRequests.agentId, agentId), isNotNull(certificateRequests.errorCode)))
    .orderBy(desc(certificateRequests.requestedAt))
    .limit(limit);
}

export async function requestById(db: Source, id: string): Promise<RequestRow | null> {
  const [row] = await db.select().from(certificateRequests).where(eq(certificateRequests.id, id));
  return row ?? null;
}

/** The newest request of an agent and purpose with these very bytes. */
export async function requestOf(
  db: Source,
  asked: { agentId: string; purpose: Purpose; csrPem: string },
): Promise<RequestRow | null> {
  const [row] = await db
    .select()
    .from(certificateRequests)
    .where(
      and(
        eq(certificateRequests.agentId, asked.agentId),
        eq(certificateRequests.purpose, asked.purpose),
        eq(certificateRequests.csrPem, asked.csrPem),
      ),
    )
    .orderBy(desc(certificateRequests.requestedAt), desc(certificateRequests.id))
    .limit(1);
  return row ?? null;
}

/** Open requests, oldest first. */
export async function openRequests(db: Source, limit: number): Promise<RequestRow[]> {
  return db
    .select()
    .from(certificateRequests)
    .where(isNull(certificateRequests.answeredAt))
    .orderBy(asc(certificateRequests.requestedAt))
    .limit(limit);
}

/** Issuing authorities whose revocation list is missing, ends before `endsBefore`, or is older than a revocation. */
export async function authoritiesDueForList(db: Source, endsBefore: Date): Promise<AuthorityRow[]> {
  return db
    .select()
    .from(authorities)
    .where(
      and(
        inArray(authorities.purpose, [...ISSUERS]),
        // What a revoked authority signed stays listed until the authority would have ended.
        or(
          inArray(authorities.status, [...TRUSTED]),
          and(eq(authorities.status, "revoked"), gt(authorities.notAfter, endsBefore)),
        ),
        or(
          isNull(authorities.crlAt),
          lt(authorities.crlNextUpdate, endsBefore),
          sql`exists (select 1 from credentials c
            where c.authority_id = ${authorities.id} and c.revoked_at > ${authorities.crlAt})`,
        ),
      ),
    )
    .for("update");
}

export type JoinTokenRow = typeof joinTokens.$inferSelect;

/** The token's row, locked: two enrolments with one token wait for each other here. */
export async function lockJoinToken(tx: Tx, tokenHash: Buffer): Promise<JoinTokenRow | null> {
  const [row] = await tx.select().from(joinTokens).where(eq(joinTokens.tokenHash, tokenHash)).for("update");
  return row ?? null;
}

function unknownAgent(agent: string): NotFoundError {
  return new NotFoundError("agent_unknown", `There is no agent ${agent}.`, { agent });
}
