import { expireTrustOverrides, OVERRIDES_BATCH_MAX } from "../layers/authorization/expire-trust-overrides.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

/** Writes down that overrides of trust have ended. */
export const expireOverrides: Duty = {
  name: "expire-overrides",
  everyMs: 5_000,
  wakes: [],
  run: async ({ db, lease, now }) => {
    const ended = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return expireTrustOverrides(tx, { now });
    });
    return { more: ended === OVERRIDES_BATCH_MAX };
  },
};
