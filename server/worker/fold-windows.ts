import { foldDeltas } from "../layers/monitoring/fold-deltas.ts";
import { countDeltas } from "../layers/monitoring/window-store.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

const BATCH_MAX = 2_000;

/** When nothing was left to fold the last time: whatever is folded now was committed after that. */
let caughtUpMs: number | null = null;

/**
 * Folds what the gateways counted into the agents' slices. It looks five times a second: no notice per request.
 * `lagMs` is the longest that anything folded or still waiting can have waited.
 */
export const foldWindows: Duty = {
  name: "fold-windows",
  everyMs: 200,
  wakes: [],
  run: async ({ db, now, lease, log, publish }) => {
    const { folded, unreadable, waiting } = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return { ...(await foldDeltas(tx, BATCH_MAX)), waiting: await countDeltas(tx) };
    });
    if (unreadable > 0) log.error({ unreadable }, "window deltas that are no slices were passed over");
    publish({ folded, waiting, lagMs: now.getTime() - (caughtUpMs ?? now.getTime()) });
    if (waiting === 0) caughtUpMs = now.getTime();
    return { more: folded === BATCH_MAX };
  },
};
