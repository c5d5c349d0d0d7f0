import { foldDeltas } from "../layers/monitoring/fold-deltas.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

const BATCH_MAX = 2_000;

/** Folds what the gateways counted into the agents' slices. It looks five times a second: no notice per request. */
export const foldWindows: Duty = {
  name: "fold-windows",
  everyMs: 200,
  wakes: [],
  run: async ({ db, lease, log, publish }) => {
    const { folded, unreadable } = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return foldDeltas(tx, BATCH_MAX);
    });
    if (unreadable > 0) log.error({ unreadable }, "window deltas that are no slices were passed over");
    publish({ folded, behind: folded === BATCH_MAX });
    return { more: folded === BATCH_MAX };
  },
};
