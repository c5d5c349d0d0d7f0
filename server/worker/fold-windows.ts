import { foldDeltas } from "../layers/monitoring/fold-deltas.ts";
import { countDeltas, oldestDelta } from "../layers/monitoring/window-store.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

const BATCH_MAX = 2_000;

/** When nothing was left to fold the last time: whatever is folded now was committed after that. */
let caughtUpMs: number | null = null;
/** Under which epoch of the lease that was: whoever takes over measures by the oldest count that it finds. */
let heldEpoch: number | null = null;

/**
 * Folds what the gateways counted into the agents' slices. It looks five times a second: no notice per request.
 * `lagMs` is the longest that anything folded or still waiting can have waited.
 */
export const foldWindows: Duty = {
  name: "fold-windows",
  everyMs: 200,
  wakes: [],
  run: async ({ db, now, lease, log, publish }) => {
    if (lease.epoch !== heldEpoch) [caughtUpMs, heldEpoch] = [null, lease.epoch];
    const { folded, unreadable, waiting, oldestMs } = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      const oldestMs = caughtUpMs === null ? await oldestDelta(tx) : null;
      return { ...(await foldDeltas(tx, BATCH_MAX)), waiting: await countDeltas(tx), oldestMs };
    });
    if (unreadable > 0) log.error({ unreadable }, "window deltas that are no slices were passed over");
    publish({ folded, waiting, lagMs: now.getTime() - (caughtUpMs ?? oldestMs ?? now.getTime()) });
    caughtUpMs = waiting === 0 ? now.getTime() : (caughtUpMs ?? oldestMs);
    return { more: folded === BATCH_MAX };
  },
};
