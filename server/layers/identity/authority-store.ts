import { and, asc, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { authorities, authorityRequests } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import type { Dependent } from "./authority-schema.ts";
import { ISSUERS } from "./schema.ts";
import type { AuthorityRow } from "./store.ts";

type Source = Database | Tx;

/** A certificate this young may still be on its way to its agent, which then depends on the one before. */
const ON_ITS_WAY_MS = 5_000;

/** The certificate of each agent and purpose that the agent uses: its newest, once that has surely reached it. */
const inUse = (now: Date) => sql`c.status = 'active' and a.status <> 'retired' and not exists (
  select 1 from credentials n where n.agent_id = c.agent_id and n.purpose = c.purpose
    and n.status = 'active' and (n.issued_at, n.id) > (c.issued_at, c.id)
    and (n.authority_id = c.authority_id or n.issued_at <= ${new Date(now.getTime() - ON_ITS_WAY_MS)}))`;

/** Locks an issuing authority's row. @throws NotFoundError `authority_unknown`. */
export async function lockAuthority(tx: Tx, id: string): Promise<AuthorityRow> {
  const [row] = await tx
    .select()
    .from(authorities)
    .where(and(eq(authorities.id, id), inArray(authorities.purpose, [...ISSUERS])))
    .for("update");
  if (!row) throw new NotFoundError("authority_unknown", "There is no issuing authority of that id.", { id });
  return row;
}

/** The root and the issuing authorities, by purpose, newest first. */
export async function authorityRows(db: Source): Promise<AuthorityRow[]> {
  return db
    .select()
    .from(authorities)
    .where(inArray(authorities.purpose, ["root", ...ISSUERS]))
    .orderBy(
      sql`${authorities.purpose} <> 'root'`,
      asc(authorities.purpose),
      sql`${authorities.createdAt} desc`,
    );
}

/** How many depend on each authority at `now`; the doors' own certificate counts as one. */
export async function countDependents(
  db: Source,
  now: Date,
  only?: string,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.execute<{ id: string; count: number }>(sql`
    select c.authority_id as id, count(*)::int as count
    from credentials c join agents a on a.id = c.agent_id
    where c.not_after > ${now} and (${only ?? null}::uuid is null or c.authority_id = ${only ?? null}) and ${inUse(now)}
    group by c.authority_id
    union all
    select s.id, 1 from authorities s join authorities d on d.purpose = 'door' and d.status = 'active'
    where s.purpose = 'server' and position(s.certificate_pem in d.certificate_pem) > 0
      and (${only ?? null}::uuid is null or s.id = ${only ?? null})`);
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** Agents that depend on an authority, in order of name. */
export async function dependentRows(
  db: Source,
  filter: { authorityId: string; after: string; limit: number; now: Date },
): Promise<Dependent[]> {
  const { rows } = await db.execute<Dependent>(sql`
    select a.name as "agentName", a.status as "agentStatus", c.purpose, c.thumbprint,
      c.issued_at as "issuedAt", c.not_after as "notAfter", a.last_seen_at as "lastSeenAt"
    from credentials c join agents a on a.id = c.agent_id
    where c.authority_id = ${filter.authorityId} and c.not_after > ${filter.now}
      and a.name > ${filter.after} and ${inUse(filter.now)}
    order by a.name limit ${filter.limit}`);
  return rows;
}

/** Takes the trust from every certificate of an authority. @returns the agents that lost one. */
export async function revokeCredentialsOf(tx: Tx, authorityId: string, now: Date): Promise<string[]> {
  const { rows } = await tx.execute<{ agent_id: string }>(sql`
    update credentials set status = 'revoked', revoked_at = ${now}, revoke_reason = 'authority-revoked'
    where authority_id = ${authorityId} and status = 'active' and not_after > ${now} returning agent_id`);
  return [...new Set(rows.map((row) => row.agent_id))];
}

/** Live gateways whose last heartbeat does not name this authority among those they trust. */
export async function doorsWithout(db: Source, authorityId: string): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select id from processes where role = 'gateway' and seen_at > now() - interval '5 seconds'
      and not coalesce(detail -> 'trusts', '[]'::jsonb) ? ${authorityId} order by id`);
  return rows.map((row) => row.id);
}

/** Requests that whoever holds the root has not answered, oldest first. */
export async function openAuthorityRequests(db: Source, lock = false) {
  const query = db
    .select()
    .from(authorityRequests)
    .where(isNull(authorityRequests.answeredAt))
    .orderBy(asc(authorityRequests.requestedAt));
  return lock ? query.for("update", { skipLocked: true }) : query;
}

/** Moves an authority from the status it was read in; the caller checks that one row changed. */
export async function moveAuthority(
  tx: Tx,
  row: Pick<AuthorityRow, "id" | "status">,
  set: Partial<typeof authorities.$inferInsert>,
): Promise<number> {
  const same: SQL | undefined = and(eq(authorities.id, row.id), eq(authorities.status, row.status));
  const moved = await tx.update(authorities).set(set).where(same).returning({ id: authorities.id });
  return moved.length;
}
