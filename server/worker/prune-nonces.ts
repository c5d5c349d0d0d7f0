import { sql } from "drizzle-orm";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

/** A signature counts for 60 s either way; a nonce older than this can never be asked about again. */
const KEPT_SECONDS = 600;
const ROWS_MAX = 5_000;

/** Removes the nonces of requests that are too old to be repeated. */
export const pruneNonces: Duty = {
  name: "prune-nonces",
  everyMs: 10_000,
  wakes: [],
  run: async ({ db, lease, now }) => {
    const before = new Date(now.getTime() - KEPT_SECONDS * 1000);
    const removed = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      const { rowCount } = await tx.execute(sql`
        delete from request_nonces where (agent_id, key_id, nonce) in (
          select agent_id, key_id, nonce from request_nonces where at < ${before} limit ${ROWS_MAX})`);
      return rowCount ?? 0;
    });
    return { more: removed === ROWS_MAX };
  },
};
