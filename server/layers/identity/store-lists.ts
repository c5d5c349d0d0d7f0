import { and, asc, eq, gt, ilike, inArray, isNotNull, isNull, not, or, type SQL, sql } from "drizzle-orm";
import { type AnyPgColumn, alias } from "drizzle-orm/pg-core";
import type { z } from "zod";
import type { Database } from "../../../db/client.ts";
import { agents, authorities, users } from "../../../db/schema/index.ts";
import { type Kin, serves, standingOf } from "../../kernel/family-line.ts";
import { TRUSTED } from "./engine/authority-lifecycle.ts";
import type { AgentStatus, listAgentsInput } from "./schema.ts";

type Source = Database;
type AgentFilter = Partial<
  Pick<z.output<typeof listAgentsInput>, "status" | "kind" | "ownerId" | "orphaned" | "neverSeen" | "search">
>;
type KinColumns = Record<"id" | "name" | "status" | "banned", AnyPgColumn>;

const parent = alias(agents, "parent");
const grandparent = alias(agents, "grandparent");
const eldest = alias(agents, "eldest");
/** Nearest first: as many as a family has generations above its youngest. */
const ELDERS: readonly KinColumns[] = [parent, grandparent, eldest];

/** Nobody answers for it; a row of `users` is joined. */
const ORPHANED = sql`(${users.id} is null or ${users.disabledAt} is not null)`;

const EXPIRIES = sql`(select coalesce(jsonb_agg(jsonb_build_object('purpose', r.purpose,
    'notBefore', c.not_before, 'endsAt', r.ends_at) order by r.purpose), '[]')
  from renewals r join credentials c on c.id = r.credential_id where r.agent_id = ${agents.id})`;

const nextExpiry = sql<string | null>`(select min(c.not_after) from credentials c
  where c.agent_id = ${agents.id} and c.status = 'active' and c.not_after > `;

/** Agents with their owner and first expiry, in order of name. */
export async function agentPageRows(
  db: Source,
  filter: AgentFilter & { after?: string | undefined; name?: string; limit: number; now: Date },
) {
  const rows = await db
    .select({
      agent: agents,
      ownerEmail: users.email,
      ownerName: users.name,
      parentName: parent.name,
      line: sql<(Kin | null)[]>`jsonb_build_array(${sql.join(ELDERS.map(kinJson), sql`, `)})`,
      childCount: sql<number>`(select count(*)::int from agents child where child.parent_id = ${agents.id})`,
      orphaned: sql<boolean>`${ORPHANED}`,
      expiries: sql<{ purpose: string; notBefore: string; endsAt: string }[]>`${EXPIRIES}`,
      nextExpiryAt: sql<string | null>`${nextExpiry}${filter.now})`,
    })
    .from(agents)
    .leftJoin(users, eq(users.id, agents.ownerId))
    .leftJoin(parent, eq(parent.id, agents.parentId))
    .leftJoin(grandparent, eq(grandparent.id, parent.parentId))
    .leftJoin(eldest, eq(eldest.id, grandparent.parentId))
    .where(
      and(
        agentFilter(filter),
        filter.after === undefined ? undefined : gt(agents.name, filter.after),
        filter.name === undefined ? undefined : eq(agents.name, filter.name),
      ),
    )
    .orderBy(asc(agents.name))
    .limit(filter.limit);
  return rows.map(({ agent, ownerEmail, nextExpiryAt: expiry, line, ...more }) => ({
    ...agent,
    ...more,
    stoppedBy: stopOf(line),
    status: agent.status as AgentStatus,
    ownerEmail,
    nextExpiryAt: expiry === null ? null : new Date(expiry),
  }));
}

function kinJson(kin: KinColumns): SQL {
  return sql`case when ${kin.id} is not null then jsonb_build_object(
    'name', ${kin.name}, 'status', ${kin.status}, 'banned', ${kin.banned}) end`;
}

function stopOf(line: readonly (Kin | null)[]): { name: string; state: string } | null {
  const stopped = line.find((kin) => kin !== null && !serves(kin));
  return stopped ? { name: stopped.name, state: standingOf(stopped) } : null;
}

export async function countAgents(db: Source, filter: AgentFilter) {
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(agents)
    .leftJoin(users, eq(users.id, agents.ownerId))
    .where(agentFilter(filter));
  return row?.count ?? 0;
}

/** A pattern that finds the text itself, whatever wildcards stand in it. */
export function likePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

function agentFilter(filter: AgentFilter): SQL | undefined {
  const pattern = filter.search && likePattern(filter.search);
  return and(
    filter.status && eq(agents.status, filter.status),
    filter.kind && eq(agents.kind, filter.kind),
    filter.ownerId === undefined ? undefined : eq(agents.ownerId, filter.ownerId),
    filter.orphaned === undefined ? undefined : filter.orphaned ? ORPHANED : not(ORPHANED),
    filter.neverSeen === undefined
      ? undefined
      : filter.neverSeen
        ? isNull(agents.lastSeenAt)
        : isNotNull(agents.lastSeenAt),
    pattern ? or(ilike(agents.name, pattern), ilike(agents.title, pattern)) : undefined,
  );
}

/** Certificates and newest revocation lists of the authorities that are believed, of these purposes. */
export async function authoritiesOf(
  db: Source,
  purposes: readonly string[],
): Promise<{ certificatePem: string; crl: Buffer | null }[]> {
  return db
    .select({ certificatePem: authorities.certificatePem, crl: authorities.crl })
    .from(authorities)
    .where(and(inArray(authorities.purpose, [...purposes]), inArray(authorities.status, [...TRUSTED])));
}
