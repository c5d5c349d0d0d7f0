import type { Database } from "../../../db/client.ts";
import { type ChainHead, hasHeldRecord, readOldestTransaction } from "./chain-store.ts";

/** A record is chained within 100 ms; one that waits this long is worth naming who keeps it waiting. */
const HOLDUP_MS_MIN = 2_000;

/**
 * Watches for a transaction that keeps committed records from being chained for more than two seconds: a
 * record's number is only given once no older transaction can still commit in front of it.
 *
 * @returns to be called at each run with the head behind which records wait: a sentence that names the
 * transaction, or null.
 */
export function watchHoldup(): (
  db: Database,
  head: Pick<ChainHead, "xid" | "ord">,
  now: Date,
) => Promise<string | null> {
  let seen = { xid: "", sinceMs: 0 };
  return async (db, head, now) => {
    const holder = (await hasHeldRecord(db, head)) ? await readOldestTransaction(db) : null;
    if (!holder) return null;
    if (holder.xid !== seen.xid) seen = { xid: holder.xid, sinceMs: now.getTime() };
    const openMs = holder.seconds === null ? now.getTime() - seen.sinceMs : holder.seconds * 1_000;
    if (openMs < HOLDUP_MS_MIN) return null;
    const name = holder.pid === null ? holder.who : `PostgreSQL process ${holder.pid} (${holder.who})`;
    return `${name} has had a transaction open for ${(openMs / 1_000).toFixed(1)} s; records committed since then wait for their numbers. End it with pg_terminate_backend if it does not end by itself.`;
  };
}
