import { tellSilence } from "../flows/tell-silence.ts";
import { silentUntold } from "../layers/monitoring/signal-source-store.ts";
import type { Duty } from "./duty.ts";
import { eachOf } from "./each-of.ts";
import { holdLease } from "./lease.ts";

const ACTOR = { type: "system", id: "watch-signals" } as const;
const BATCH_MAX = 50;

/** Tells of sources of signals that are silent beyond what they declared. */
export const watchSignals: Duty = {
  name: "watch-signals",
  everyMs: 5_000,
  wakes: [],
  run: async ({ db, lease, log, now }) => {
    const silent = await silentUntold(db, now, BATCH_MAX);
    await eachOf(silent, log, (source) =>
      db.transaction(async (tx) => {
        await holdLease(tx, lease);
        await tellSilence(tx, source, { actor: ACTOR, now });
      }),
    );
    return { more: silent.length === BATCH_MAX };
  },
};
