import { and, asc, eq, gt, ilike, inArray, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { agents, authorities, users } from "../../../db/schema/index.ts";
import type { AgentStatus, CredentialRow, Purpose } from "./schema.ts";

type Source = Database;

const nextExpiry = sql<string | null>`(select min(c.not_after) from credentials c
  where c.agent_id = ${agents.id} and c.status = 'active' and c.not_after > `;

/** Agents with their owner and first expiry, in order of name. */
export async function agentPageRows(
  db: Source,
  filter: { after?: string; name?: string; status?: AgentStatus; search?: string; limit: number; now: Date },
) {
  const rows = await db
    .select({
      agent: agents,
      ownerEmail: users.email,
      ownerName: users.name,
      nextExpiryAt: sql<string | null>`${nextExpiry}${filter.now})`,
    })
    .from(agents)
    .leftJoin(users, eq(users.id, agents.ownerId))
    .where(
      and(
        agentFilter(filter),
        filter.after === undefined ? undefined : gt(agents.name, filter.after),
        filter.name === undefined ? undefined : eq(agents.name, filter.name),
      ),
    )
    .orderBy(asc(agents.name))
    .limit(filter.limit);
  return rows.map(({ agent, ownerEmail, ownerName, nextExpiryAt: expiry }) => ({
    ...agent,
    ownerName,
    status: agent.status as AgentStatus,
    ownerEmail,
    nextExpiryAt: expiry === null ? null : new Date(expiry),
  }));
}

export async function countAgents(db: Source, filter: { status?: AgentStatus; search?: string }) {
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(agents)
    .where(agentFilter(filter));
  return row?.count ?? 0;
}

function agentFilter(filter: { status?: AgentStatus; search?: string }): SQL | undefined {
  const pattern = filter.search && `%${filter.search.replace(/[\\%_]/g, "\\$&")}%`;
  return and(
    filter.status && eq(agents.status, filter.status),
    pattern ? or(ilike(agents.name, pattern), ilike(agents.title, pattern)) : undefined,
  );
}

/**
 * The newest live credential of each agent and purpose, the one that ends first at the top. Agents that are
 * retired have none.
 *
 * @param after end and id of the last row of the page before.
 */
export async function newestCredentialRows(
  db: Source,
  filter: { purpose?: Purpose; after?: { notAfter: Date; id: string }; limit: number; now: Date },
): Promise<{ rows: CredentialRow[]; total: number }> {
  const newest = sql`select distinct on (c.agent_id, c.purpose) c.id, a.name as "agentName",
      a.status as "agentStatus", c.purpose, c.thumbprint, c.not_before as "notBefore",
      c.not_after as "notAfter", c.issued_at as "issuedAt"
    from credentials c join agents a on a.id = c.agent_id
    where c.status = 'active' and c.not_after > ${filter.now} and a.status <> 'retired'
      and (${filter.purpose ?? null}::text is null or c.purpose = ${filter.purpose ?? null})
    order by c.agent_id, c.purpose, c.issued_at desc, c.id desc`;
  const { notAfter, id } = filter.after ?? { notAfter: new Date(0), id: NO_ID };
  const page = await db.execute<CredentialRow>(sql`select * from (${newest}) newest
    where ("notAfter", id) > (${notAfter}, ${id}::uuid) order by "notAfter", id limit ${filter.limit}`);
  const total = await db.execute<{ count: number }>(
    sql`select count(*)::int as count from (${newest}) newest`,
  );
  return { rows: page.rows, total: total.rows[0]?.count ?? 0 };
}

/** Certificates and newest revocation lists of the authorities that count, of these purposes. */
export async function authoritiesOf(
  db: Source,
  purposes: readonly string[],
): Promise<{ certificatePem: string; crl: Buffer | null }[]> {
  return db
    .select({ certificatePem: authorities.certificatePem, crl: authorities.crl })
    .from(authorities)
    .where(and(inArray(authorities.purpose, [...purposes]), eq(authorities.status, "active")));
}

const NO_ID = "00000000-0000-0000-0000-000000000000";
