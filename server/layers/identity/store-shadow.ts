import { and, count, desc, eq, ilike, inArray, or, type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agents, credentials, shadowAgents } from "../../../db/schema/index.ts";
import { MANY, type Placed, sightingKey } from "./engine/place-sightings.ts";
import type { ShadowState, ShadowWay, Sighting } from "./shadow-schema.ts";

export type ShadowRow = typeof shadowAgents.$inferSelect;

/** Waits until no other gateway writes sightings, to the end of the transaction. */
export async function holdSightings(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('vigil shadow agents'))`);
}

/** Of these certificates, keys, DIDs and names, those that are an agent's. */
export async function ofAgents(
  tx: Tx,
  seen: { thumbprints: string[]; keyIds: string[]; dids: string[]; names: string[] },
): Promise<Record<keyof typeof seen, ReadonlySet<string>>> {
  const [byCertificate, byName] = [
    await tx
      .select({ thumbprint: credentials.thumbprint, keyId: credentials.keyId })
      .from(credentials)
      .where(or(inArray(credentials.thumbprint, seen.thumbprints), inArray(credentials.keyId, seen.keyIds))),
    await tx
      .select({ did: agents.did, name: agents.name })
      .from(agents)
      .where(or(inArray(agents.did, seen.dids), inArray(agents.name, seen.names))),
  ];
  return {
    thumbprints: new Set(byCertificate.map((row) => row.thumbprint)),
    keyIds: new Set(byCertificate.map((row) => row.keyId)),
    dids: new Set(byName.map((row) => row.did)),
    names: new Set(byName.map((row) => row.name)),
  };
}

/** Which of these findings are there, and how many are open. */
export async function placedSightings(tx: Tx, sightings: readonly Sighting[]): Promise<Placed> {
  const t = shadowAgents;
  const rows = await tx
    .select({ claimed: t.claimed, issuer: t.issuer })
    .from(t)
    .where(
      or(
        inArray(
          t.claimed,
          sightings.map((it) => it.claimed),
        ),
        sql`starts_with(${t.claimed}, ${MANY})`,
      ),
    );
  const counted = await tx
    .select({
      way: sql<ShadowWay>`${t.ways}[1]`,
      single: sql<number>`count(*) filter (where not starts_with(${t.claimed}, ${MANY}))::int`,
      many: sql<number>`count(*) filter (where starts_with(${t.claimed}, ${MANY}))::int`,
    })
    .from(t)
    .where(or(eq(t.state, "open"), sql`starts_with(${t.claimed}, ${MANY})`))
    .groupBy(sql`${t.ways}[1]`);
  return { rows: new Set(rows.map(sightingKey)), open: new Map(counted.map((row) => [row.way, row])) };
}

/** Adds these sightings, each a row of its own, and says which findings are new. */
export async function addSightings(
  tx: Tx,
  sightings: readonly (Sighting & { id: string })[],
): Promise<Set<string>> {
  const t = shadowAgents;
  const rows = await tx
    .insert(t)
    .values(
      sightings.map(({ way, firstAt, lastAt, ...row }) => ({
        ...row,
        ways: [way],
        firstSeenAt: firstAt,
        lastSeenAt: lastAt,
      })),
    )
    .onConflictDoUpdate({
      target: [t.claimed, t.issuer],
      set: {
        ways: sql`case when excluded.ways[1] = any(${t.ways}) then ${t.ways} else ${t.ways} || excluded.ways end`,
        evidence: sql`excluded.evidence`,
        network: sql`excluded.network`,
        count: sql`${t.count} + excluded.count`,
        lastSeenAt: sql`greatest(${t.lastSeenAt}, excluded.last_seen_at)`,
      },
    })
    .returning({ id: t.id });
  const written = new Set(rows.map((row) => row.id));
  return new Set(sightings.map((it) => it.id).filter((id) => written.has(id)));
}

export type ShadowFilter = {
  id?: string | undefined;
  state?: ShadowState | undefined;
  way?: ShadowWay | undefined;
  search?: string | undefined;
};

/** Findings that pass the filter, last seen first, after a place in that order. */
export async function shadowRows(
  db: Database | Tx,
  filter: ShadowFilter,
  after: { lastSeenAt: Date; id: string } | null,
  limit: number,
): Promise<(ShadowRow & { agentName: string | null })[]> {
  const t = shadowAgents;
  const behind = after && sql`(${t.lastSeenAt}, ${t.id}) < (${after.lastSeenAt}, ${after.id}::uuid)`;
  const rows = await db
    .select({ row: t, agentName: agents.name })
    .from(t)
    .leftJoin(agents, eq(agents.id, t.agentId))
    .where(and(...conditions(filter), behind ?? undefined))
    .orderBy(desc(t.lastSeenAt), desc(t.id))
    .limit(limit);
  return rows.map(({ row, agentName }) => ({ ...row, agentName }));
}

/** How many pass the filter, and how many are open. */
export async function shadowCounts(
  db: Database | Tx,
  filter: ShadowFilter,
): Promise<{ total: number; open: number }> {
  const [[total], [open]] = [
    await db
      .select({ count: count() })
      .from(shadowAgents)
      .where(and(...conditions(filter))),
    await db.select({ count: count() }).from(shadowAgents).where(eq(shadowAgents.state, "open")),
  ];
  return { total: total?.count ?? 0, open: open?.count ?? 0 };
}

function conditions({ id, state, way, search }: ShadowFilter): (SQL | undefined)[] {
  const t = shadowAgents;
  const like = search && `%${search.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
  return [
    id ? eq(t.id, id) : undefined,
    state && eq(t.state, state),
    way && sql`${way} = any(${t.ways})`,
    like ? or(ilike(t.claimed, like), ilike(t.issuer, like), ilike(t.network, like)) : undefined,
  ];
}
