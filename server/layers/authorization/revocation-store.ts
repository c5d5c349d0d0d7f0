import { sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { revocations } from "../../../db/schema/index.ts";
import { REVOCATION_KEPT_MS, type RevocationEvent, revocationEvent } from "./revocation-schema.ts";

/** One revocation as it is held: `xid` is the transaction that wrote it, `ord` counts within one database. */
export type Revocation = {
  ord: number;
  xid: bigint;
  endsAt: Date | null;
  agentId: string;
  event: RevocationEvent;
};

/**
 * The revocations that count, or ended less than `REVOCATION_KEPT_MS` ago, and were written by transaction `from` or a
 * later one. Of an agent's standings, which
 * follow one another under a lock of its row, the newest alone: an older one that commits late tells nothing.
 *
 * @returns `settled`: every transaction before it has ended, so that whoever goes on reading from it misses nothing;
 * `next`: no transaction has this number yet.
 */
export async function readRevocations(
  db: Database,
  from: bigint,
  now: Date,
): Promise<{ settled: bigint; next: bigint; rows: Revocation[] }> {
  const { rows } = await db.execute<Row>(sql`
    select pg_snapshot_xmin(pg_current_snapshot())::text as settled,
      pg_snapshot_xmax(pg_current_snapshot())::text as next, r.*
    from (select 1) one left join lateral (
      select ord, xid::text, ends_at as "endsAt", agent_id as "agentId", kind, event from ${revocations} r
      where xid >= ${String(from)}::xid8 and (ends_at is null or ends_at > ${new Date(now.getTime() - REVOCATION_KEPT_MS)})
        and not (kind = 'agent' and exists (select 1 from ${revocations} n
          where n.kind = 'agent' and n.agent_id = r.agent_id and n.ord > r.ord))
    ) r on true order by ord`);
  const held = rows.flatMap(({ ord, xid, endsAt, agentId, kind, event }): Revocation[] =>
    ord === null
      ? []
      : [
          {
            ord,
            xid: BigInt(xid),
            agentId,
            endsAt: endsAt === null ? null : new Date(endsAt),
            event: toEvent(kind, event, endsAt),
          },
        ],
  );
  return { settled: BigInt(rows[0]?.settled ?? 0), next: BigInt(rows[0]?.next ?? 0), rows: held };
}

type Row = {
  settled: string;
  next: string;
  ord: number | null;
  xid: string;
  endsAt: Date | string | null;
  agentId: string;
  kind: string;
  event: Record<string, unknown>;
};

function toEvent(
  kind: string,
  event: Record<string, unknown>,
  endsAt: Date | string | null,
): RevocationEvent {
  const exp = endsAt === null ? undefined : Math.ceil(new Date(endsAt).getTime() / 1000);
  return revocationEvent.parse({ exp, ...event, kind });
}

/**
 * Removes revocations that ended before `before`, and standings of agents that were told anew since, at most `max`,
 * oldest first: a standing never outlives the one that replaced it.
 *
 * @returns how many went.
 */
export async function forgetRevocations(tx: Tx, before: Date, max: number): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    delete from revocations where ord in (
      select ord from revocations r where ends_at < ${before}
        or kind = 'agent' and at < ${before} and exists (select 1 from revocations n
          where n.kind = 'agent' and n.agent_id = r.agent_id and n.ord > r.ord)
      order by ord limit ${max})`);
  return rowCount ?? 0;
}
