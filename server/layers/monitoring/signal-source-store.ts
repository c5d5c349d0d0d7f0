import { and, asc, desc, eq, gt, gte, isNull, lt, or, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import {
  agents,
  signalCounts,
  signalSecrets,
  signalSources,
  signalStreams,
} from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { mapping, type StreamState, streamState } from "./signal-schema.ts";

type Source = Database | Tx;
export type SourceRow = typeof signalSources.$inferSelect;
export type SecretRow = typeof signalSecrets.$inferSelect;

const HOUR_MS = 3_600_000;

/** The source by what a hook's address or a certificate says; null where there is none. */
export async function findSource(
  db: Source,
  by: { name: string } | { agentId: string } | { id: string },
): Promise<SourceRow | null> {
  const t = signalSources;
  const which = "name" in by ? eq(t.name, by.name) : "id" in by ? eq(t.id, by.id) : eq(t.agentId, by.agentId);
  const [row] = await db.select().from(t).where(which);
  return row ?? null;
}

/** @throws NotFoundError `signal_source_unknown`. */
export async function sourceById(db: Source, id: string): Promise<SourceRow> {
  const row = await findSource(db, { id });
  if (!row) throw new NotFoundError("signal_source_unknown", "There is no such source of signals.");
  return row;
}

/** The source, held to the end of the transaction: one source's signals are taken one after the other. */
export async function lockSource(tx: Tx, id: string): Promise<SourceRow> {
  const [row] = await tx.select().from(signalSources).where(eq(signalSources.id, id)).for("no key update");
  if (!row) throw new NotFoundError("signal_source_unknown", "There is no such source of signals.");
  return row;
}

/** Every source with whose certificate it has. */
export async function sourceRows(db: Source): Promise<(SourceRow & { agentName: string | null })[]> {
  const rows = await db
    .select({ row: signalSources, agentName: agents.name })
    .from(signalSources)
    .leftJoin(agents, eq(agents.id, signalSources.agentId))
    .orderBy(asc(signalSources.name))
    .limit(200);
  return rows.map(({ row, agentName }) => ({ ...row, agentName }));
}

export const mappingOf = (row: Pick<SourceRow, "mapping">) => mapping.parse(row.mapping);

/** Where a signing secret lives: what it is sealed for. */
export const signalSecretContext = (secretId: string) => `signal_secrets/${secretId}/sealed`;

/** The secrets that count now, the newest first. */
export async function liveSecrets(db: Source, sourceId: string, now: Date): Promise<SecretRow[]> {
  const t = signalSecrets;
  return db
    .select()
    .from(t)
    .where(and(eq(t.sourceId, sourceId), or(isNull(t.endsAt), gt(t.endsAt, now))))
    .orderBy(desc(t.createdAt), desc(t.id))
    .limit(2);
}

/** Counts what became of a request in its hour. */
export async function countSignals(
  db: Source,
  sourceId: string,
  now: Date,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  const hour = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  const rows = Object.entries(counts).flatMap(([what, count]) =>
    count > 0 ? [{ sourceId, hour, what, count }] : [],
  );
  if (rows.length === 0) return;
  const t = signalCounts;
  await db
    .insert(t)
    .values(rows)
    .onConflictDoUpdate({
      target: [t.sourceId, t.hour, t.what],
      set: { count: sql`${t.count} + excluded.count` },
    });
}

/** Counts one refusal. @returns how many of this reason there were in its hour, with this one. */
export async function countRefused(tx: Tx, sourceId: string, now: Date, code: string): Promise<number> {
  const hour = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  const t = signalCounts;
  const [row] = await tx
    .insert(t)
    .values({ sourceId, hour, what: `refused:${code}`, count: 1 })
    .onConflictDoUpdate({ target: [t.sourceId, t.hour, t.what], set: { count: sql`${t.count} + 1` } })
    .returning({ count: t.count });
  return row?.count ?? 1;
}

/** What became of the requests of the last 24 hours, by source. Hours count whole. */
export async function countsOfDay(db: Source, now: Date): Promise<Map<string, Map<string, number>>> {
  const t = signalCounts;
  const rows = await db
    .select({ sourceId: t.sourceId, what: t.what, count: sql<number>`sum(${t.count})::float8` })
    .from(t)
    .where(gte(t.hour, new Date(now.getTime() - 24 * HOUR_MS)))
    .groupBy(t.sourceId, t.what);
  const by = new Map<string, Map<string, number>>();
  for (const { sourceId, what, count } of rows)
    by.set(sourceId, (by.get(sourceId) ?? new Map()).set(what, count));
  return by;
}

/** The stream's state; null where it is new. `full` says that the source has as many streams as are followed. */
export async function streamOf(
  tx: Tx,
  sourceId: string,
  stream: string,
  streamsMax: number,
): Promise<{ state: StreamState | null; full: boolean }> {
  const t = signalStreams;
  const [row] = await tx
    .select()
    .from(t)
    .where(and(eq(t.sourceId, sourceId), eq(t.stream, stream)));
  if (row) return { state: streamState.parse(row.state), full: false };
  const [counted] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(t)
    .where(eq(t.sourceId, sourceId));
  return { state: null, full: (counted?.count ?? 0) >= streamsMax };
}

export async function keepStream(
  tx: Tx,
  sourceId: string,
  stream: string,
  state: StreamState,
  now: Date,
): Promise<void> {
  const t = signalStreams;
  await tx
    .insert(t)
    .values({ sourceId, stream, state, seenAt: now })
    .onConflictDoUpdate({ target: [t.sourceId, t.stream], set: { state, seenAt: now } });
}

/** Every stream with something missing. */
export async function streamsWithGaps(db: Source) {
  const t = signalStreams;
  const rows = await db
    .select()
    .from(t)
    .where(sql`jsonb_array_length(${t.state} -> 'gaps') > 0`)
    .orderBy(desc(t.seenAt))
    .limit(500);
  return rows.map(({ state, ...row }) => ({ ...row, state: streamState.parse(state) }));
}

/** Sources whose silence is longer than they declared and was not told yet. */
export async function silentUntold(db: Source, now: Date, most: number): Promise<SourceRow[]> {
  const t = signalSources;
  return db
    .select()
    .from(t)
    .where(
      and(
        eq(t.enabled, true),
        isNull(t.silentSince),
        lt(t.heardAt, sql`${now}::timestamptz - make_interval(secs => ${t.silentAfterSeconds})`),
      ),
    )
    .limit(most);
}
