import { finishContainment } from "../flows/finish-containment.ts";
import { confirmConnections } from "../incidents/confirm-connections.ts";
import { isLeftBehind } from "../incidents/engine/is-left-behind.ts";
import { settleContainment } from "../incidents/settle-containment.ts";
import { stepsOf, unfinishedContainments } from "../incidents/store.ts";
import type { Duty } from "./duty.ts";
import { eachOf } from "./each-of.ts";
import { holdLease } from "./lease.ts";

const ACTOR = { type: "system", id: "confirm-containments" } as const;
const BATCH = 200;

/** Sees containments through: steps that failed are taken again, and gateways asked for their word. */
export const confirmContainments: Duty = {
  name: "confirm-containments",
  everyMs: 1_000,
  wakes: ["containment", "isolation"],
  run: async ({ db, lease, log, now, publish }) => {
    const unfinished = await unfinishedContainments(db, BATCH);
    await eachOf(unfinished, log, async (containment) => {
      const { id: containmentId } = containment;
      await confirmConnections(db, { containmentId, actor: ACTOR, now, fence: (tx) => holdLease(tx, lease) });
      if (isLeftBehind(containment, await stepsOf(db, containmentId), now))
        await finishContainment(db, { containmentId, actor: ACTOR, now, log });
      else await settleContainment(db, containmentId);
    });
    publish({ unfinished: unfinished.length });
    return { more: false };
  },
};
