import { endOutdatedApprovals, OUTDATED_BATCH_MAX } from "../layers/authorization/end-outdated-approvals.ts";
import { EXPIRE_BATCH_MAX, expireOverdueApprovals } from "../layers/authorization/expire-approvals.ts";
import { expireOverdueProposals } from "../layers/authorization/expire-proposals.ts";
import { expireRuleProposals } from "../layers/monitoring/expire-rule-proposals.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

/** Ends requests for approval and proposals that nobody answered in time, and requests under a policy that is gone. */
export const expireApprovals: Duty = {
  name: "expire-approvals",
  everyMs: 5_000,
  wakes: ["policy"],
  run: async ({ db, lease, now }) => {
    const ended = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return expireOverdueApprovals(tx, { now });
    });
    const outdated = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      await expireOverdueProposals(tx, now);
      await expireRuleProposals(tx, now);
      return endOutdatedApprovals(tx, now);
    });
    return { more: ended === EXPIRE_BATCH_MAX || outdated === OUTDATED_BATCH_MAX };
  },
};
