import type { Tx } from "../../db/client.ts";
import { keepPeerPriors } from "../flows/keep-peer-priors.ts";
import type { Actor } from "../kernel/actor.ts";
import { expireProposals, PROPOSALS_BATCH_MAX } from "../layers/monitoring/expire-proposals.ts";
import { finishLearning } from "../layers/monitoring/finish-learning.ts";
import { MAINTENANCE_BATCH_MAX, noteMaintenance } from "../layers/monitoring/note-maintenance.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

const ACTOR: Actor = { type: "system", id: "monitoring" };

/** Writes down what time brings to maintenance and to proposals. */
export const noteTimes: Duty = {
  name: "note-maintenance",
  everyMs: 1_000,
  wakes: ["maintenance"],
  run: async ({ db, lease, now }) => {
    const noted = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return noteMaintenance(tx, now);
    });
    const expired = await db.transaction(async (tx) => {
      await holdLease(tx, lease);
      return expireProposals(tx, { now });
    });
    return { more: noted === MAINTENANCE_BATCH_MAX || expired === PROPOSALS_BATCH_MAX };
  },
};

/** Does what two people decided and what had to wait, and gives agents that are learning minutes of their peers. */
export const keepLearning: Duty = {
  name: "keep-learning",
  everyMs: 60_000,
  wakes: [],
  run: async ({ db, lease, now, publish }) => {
    const fence = (tx: Tx) => holdLease(tx, lease);
    const ctx = { db, now, actor: ACTOR };
    const done = await finishLearning(ctx, fence);
    const { learnt, more } = await keepPeerPriors(ctx, fence);
    publish({ done, priors: learnt });
    return { more };
  },
};
