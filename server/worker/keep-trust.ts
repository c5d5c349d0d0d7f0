import { keepTrustHistory, TRUST_BATCH_MAX } from "../layers/authorization/keep-trust-history.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

/** Judges trust in each agent every hour, so that its history has no gaps, and thins the history out as it ages. */
export const keepTrust: Duty = {
  name: "keep-trust",
  everyMs: 60_000,
  wakes: [],
  restMs: 1_000,
  run: async ({ db, lease, now }) => {
    const judged = await keepTrustHistory(db, { fence: (tx) => holdLease(tx, lease), now });
    return { more: judged === TRUST_BATCH_MAX };
  },
};
