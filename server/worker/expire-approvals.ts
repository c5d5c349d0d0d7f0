import { EXPIRE_BATCH_MAX, expireOverdueApprovals } from "../layers/authorization/expire-approvals.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

/** Ends requests for approval that nobody answered in time. */
export const expireApprovals: Duty = {
  name: "expire-approvals",
  everyMs: 5_000,
  wakes: [],
  run: async ({ db, lease, now }) => {
    const ended = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return expireOverdueApprovals(tx, { now });
    });
    return { more: ended === EXPIRE_BATCH_MAX };
  },
};
