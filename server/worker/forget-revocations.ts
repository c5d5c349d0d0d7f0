import { REVOCATION_KEPT_MS } from "../layers/authorization/revocation-schema.ts";
import { forgetRevocations } from "../layers/authorization/revocation-store.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

/**
 * Longer than what has ended is still told, by more than a reader of the stream may go on where it stopped: beyond, it
 * gets the present state anew.
 */
const KEPT_MS = 2 * 3_600_000 + REVOCATION_KEPT_MS;
const ROWS_MAX = 5_000;

/** Removes what was told of tokens, grants and certificates that have ended by themselves since. */
export const forgetEndedRevocations: Duty = {
  name: "forget-revocations",
  everyMs: 60_000,
  wakes: [],
  run: async ({ db, lease, now }) => {
    const removed = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return forgetRevocations(tx, new Date(now.getTime() - KEPT_MS), ROWS_MAX);
    });
    return { more: removed === ROWS_MAX };
  },
};
