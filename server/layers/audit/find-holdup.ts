import type { Database } from "../../../db/client.ts";
import { type ChainHead, readHeldSeconds, readOldestTransaction } from "./chain-store.ts";

/** A record is chained within 100 ms; one that waits this long is worth naming who keeps it waiting. */
const HOLDUP_SECONDS_MIN = 2;

/**
 * Names the transaction that keeps committed records from being chained for more than two seconds: a record's
 * number is only given once no older transaction can still commit in front of it.
 *
 * @param head the last entry, behind which records wait.
 * @returns a sentence for a person, or null when nothing is held up.
 */
export async function findHoldup(db: Database, head: ChainHead): Promise<string | null> {
  const heldSeconds = await readHeldSeconds(db, head);
  if (heldSeconds === null) return null;
  const holder = await readOldestTransaction(db);
  if (!holder) return null;
  const seconds = holder.seconds ?? heldSeconds;
  if (seconds < HOLDUP_SECONDS_MIN) return null;
  const name = holder.pid === null ? holder.who : `PostgreSQL process ${holder.pid} (${holder.who})`;
  return `${name} has had a transaction open for ${seconds.toFixed(1)} s; records committed since then wait for their numbers. End it with pg_terminate_backend if it does not end by itself.`;
}
