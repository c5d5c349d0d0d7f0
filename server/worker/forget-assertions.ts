import { FORGET_BATCH_MAX, forgetAssertions } from "../layers/authorization/forget-assertions.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

/** Beyond every clock tolerance at the token endpoint. */
const MARGIN_MS = 60_000;

/** Removes used client assertions and DPoP proofs that have expired and could not be used again anyhow. */
export const forgetUsedAssertions: Duty = {
  name: "forget-assertions",
  everyMs: 60_000,
  wakes: [],
  run: async ({ db, lease, now }) => {
    const gone = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return forgetAssertions(tx, new Date(now.getTime() - MARGIN_MS));
    });
    return { more: gone === FORGET_BATCH_MAX };
  },
};
