import { chaseReview } from "../flows/chase-review.ts";
import { overdueUntold } from "../layers/authorization/store-break-glass.ts";
import type { Duty } from "./duty.ts";
import { eachOf } from "./each-of.ts";
import { holdLease } from "./lease.ts";

const ACTOR = { type: "system", id: "chase-reviews" } as const;
const BATCH_MAX = 50;

/** Tells of uses of break-glass that nobody reviewed by their stored instant, each once for good. */
export const chaseReviews: Duty = {
  name: "chase-reviews",
  everyMs: 5_000,
  wakes: [],
  run: async ({ db, lease, log, now }) => {
    const overdue = await overdueUntold(db, now, BATCH_MAX);
    await eachOf(overdue, log, ({ id }) =>
      db.transaction(async (tx) => {
        await holdLease(tx, lease);
        await chaseReview(tx, { id, actor: ACTOR, now });
      }),
    );
    return { more: overdue.length === BATCH_MAX };
  },
};
