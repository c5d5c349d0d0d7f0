import { and, asc, between, desc, eq, isNull, min, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { baselines, featureWindows, installation, windowDeltas } from "../../../db/schema/index.ts";
import type { Baseline, LearningWindow } from "./engine/baseline.ts";
import { emptySlice, type Slice } from "./engine/slice.ts";
import type { WindowFeatures } from "./schema.ts";

type Source = Database | Tx;
export type DeltaRow = { xid: string; id: number; agentId: string; sliceMs: number; delta: unknown };
export type SliceRow = { agentId: string; sliceMs: number; state: Slice };

const CURSOR = "fold";
/** Slices this near may be in one minute, or in the windows of one. */
const NEIGHBOURS_MS = 180_000;

/**
 * The next deltas in commit order, behind the cursor. Only transactions that all others can see the end of are
 * read (below the snapshot's xmin), so that no late commit slips in before the cursor.
 */
export async function nextDeltas(tx: Tx, limit: number): Promise<DeltaRow[]> {
  const { rows } = await tx.execute<DeltaRow>(sql`
    select d.xid::text as xid, d.id, d.agent_id as "agentId",
      (extract(epoch from d.slice_at) * 1000)::bigint as "sliceMs", d.delta
    from window_deltas d
    where d.xid < pg_snapshot_xmin(pg_current_snapshot())
      and (d.xid, d.id) > (
        coalesce((select xid from window_cursor where name = ${CURSOR}), '0'::xid8),
        coalesce((select id from window_cursor where name = ${CURSOR}), 0))
    order by d.xid, d.id limit ${limit}`);
  return rows;
}

/** Moves the cursor to a delta and removes all up to it: they are in the slices now. */
export async function passDeltas(tx: Tx, last: { xid: string; id: number }): Promise<void> {
  await tx.execute(sql`
    insert into window_cursor (name, xid, id) values (${CURSOR}, ${last.xid}::xid8, ${last.id})
    on conflict (name) do update set xid = excluded.xid, id = excluded.id`);
  await tx.execute(sql`delete from window_deltas where (xid, id) <= (${last.xid}::xid8, ${last.id}::bigint)`);
}

/** How many deltas wait to be folded, those included that a transaction still running holds back. */
export async function countDeltas(tx: Tx): Promise<number> {
  return tx.$count(windowDeltas);
}

/** Start of the oldest slice that waits to be folded, in milliseconds since 1970, by the agents' clocks; null where none waits. */
export async function oldestDelta(tx: Tx): Promise<number | null> {
  const [row] = await tx.select({ at: min(windowDeltas.sliceAt) }).from(windowDeltas);
  return row?.at?.getTime() ?? null;
}

/** The slices as they are stored, of the given agents and times. */
export async function slicesAt(
  db: Source,
  keys: { agentId: string; sliceMs: number }[],
): Promise<SliceRow[]> {
  const { rows } = await db.execute<SliceRow>(sql`
    select s.agent_id as "agentId", (extract(epoch from s.slice_at) * 1000)::bigint as "sliceMs", s.state
    from jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k("agentId" uuid, "sliceMs" bigint)
    join window_slices s on s.agent_id = k."agentId" and s.slice_at = to_timestamp(k."sliceMs" / 1000.0)`);
  return rows.map(readState);
}

/** Slices of each agent between two times, both included. */
export async function slicesBetween(
  db: Source,
  spans: { agentId: string; fromMs: number; toMs: number }[],
): Promise<SliceRow[]> {
  const { rows } = await db.execute<SliceRow>(sql`
    select s.agent_id as "agentId", (extract(epoch from s.slice_at) * 1000)::bigint as "sliceMs", s.state
    from jsonb_to_recordset(${JSON.stringify(spans)}::jsonb) as k("agentId" uuid, "fromMs" bigint, "toMs" bigint)
    join window_slices s on s.agent_id = k."agentId"
      and s.slice_at between to_timestamp(k."fromMs" / 1000.0) and to_timestamp(k."toMs" / 1000.0)`);
  return rows.map(readState);
}

/** Writes slices; each write is a new revision, which the scorer has not seen. */
export async function writeSlices(tx: Tx, slices: SliceRow[]): Promise<void> {
  await tx.execute(sql`
    insert into window_slices as s (agent_id, slice_at, state)
    select k."agentId", to_timestamp(k."sliceMs" / 1000.0), k.state
    from jsonb_to_recordset(${JSON.stringify(slices)}::jsonb) as k("agentId" uuid, "sliceMs" bigint, state jsonb)
    on conflict (agent_id, slice_at) do update set state = excluded.state, revision = s.revision + 1`);
}

/**
 * Removes slices that no window can need any more. While an agent has counts or slices of that time which were not
 * scored yet (a worker that was away for hours), its old ones stay: the minutes that they share are scored whole.
 */
export async function dropSlicesBefore(tx: Tx, before: Date): Promise<void> {
  const until = new Date(before.getTime() + NEIGHBOURS_MS);
  await tx.execute(sql`
    delete from window_slices s where s.slice_at < ${before}
      and not exists (select 1 from window_deltas d where d.agent_id = s.agent_id and d.slice_at < ${until})
      and not exists (select 1 from window_slices u where u.agent_id = s.agent_id
        and u.revision > u.scored_revision and u.slice_at < ${until})`);
}

/**
 * Keeps an agent's minutes between two instants out of learning, or lets them back in: not those that two people
 * excluded and have not let back in since, nor those under a true positive, so that no single verdict undoes either.
 *
 * @returns how many minutes changed.
 */
export async function judgeWindows(
  tx: Tx,
  verdict: { agentId: string; from: Date; to: Date; excluded: boolean },
): Promise<number> {
  const { agentId, from, to, excluded } = verdict;
  const kept = excluded
    ? sql``
    : sql`and not exists (select 1 from alerts a where a.agent_id = w.agent_id and a.kind = 'behaviour'
          and a.disposition = 'true-positive' and w.at between a.opened_at - interval '1 minute' and a.last_seen_at + interval '1 minute')
        and coalesce((select p.kind from learning_proposals p where p.agent_id = w.agent_id and p.status = 'approved'
          and p.kind in ('exclude', 'readmit') and w.at between p.from_at and p.to_at
          order by p.decided_at desc, p.id desc limit 1), 'readmit') = 'readmit'`;
  const { rowCount } = await tx.execute(sql`
    update feature_windows w set excluded = ${excluded}
    where w.agent_id = ${agentId} and w.at between ${from} and ${to} and w.excluded <> ${excluded} ${kept}`);
  return rowCount ?? 0;
}

/** Clean closed minutes of an agent since an instant, the newest when there are too many. */
export async function learningWindows(
  db: Source,
  agentId: string,
  span: { since: Date; until: Date },
  limit: number,
): Promise<LearningWindow[]> {
  const rows = await db
    .select({ at: featureWindows.at, features: featureWindows.features })
    .from(featureWindows)
    .where(
      and(
        eq(featureWindows.agentId, agentId),
        eq(featureWindows.excluded, false),
        between(featureWindows.at, span.since, span.until),
      ),
    )
    .orderBy(desc(featureWindows.at))
    .limit(limit);
  return rows.map(({ at, features }) => ({ atMs: at.getTime(), features: features as WindowFeatures }));
}

export type BaselineRow = Omit<typeof baselines.$inferSelect, "model"> & { model: Baseline };

/** The baseline an agent is scored by, or null while it is learning. */
export async function activeBaseline(db: Source, agentId: string): Promise<BaselineRow | null> {
  const [row] = await db
    .select()
    .from(baselines)
    .where(and(eq(baselines.agentId, agentId), isNull(baselines.retiredAt)))
    .orderBy(desc(baselines.version))
    .limit(1);
  return (row as BaselineRow | undefined) ?? null;
}

/** The zone whose hours people work by. */
export async function installationTimeZone(db: Source): Promise<string> {
  const [row] = await db
    .select({ zone: installation.timeZone })
    .from(installation)
    .orderBy(asc(installation.id))
    .limit(1);
  return row?.zone ?? "UTC";
}

/** A slice written by an older version lacks what was not counted then. */
function readState(row: SliceRow): SliceRow {
  return { ...row, sliceMs: Number(row.sliceMs), state: { ...emptySlice(), ...row.state } };
}
