import { finishContainment } from "../flows/finish-containment.ts";
import { confirmConnections } from "../incidents/confirm-connections.ts";
import { settleContainment } from "../incidents/settle-containment.ts";
import { unfinishedContainments } from "../incidents/store.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

const ACTOR = { type: "system", id: "confirm-containments" } as const;
const BATCH = 50;
/** Whoever contains takes the steps at once; older ones were left behind by a failure or a crash. */
const LEFT_BEHIND_MS = 3_000;

/** Sees containments through: steps that failed are taken again, and gateways asked for their word. */
export const confirmContainments: Duty = {
  name: "confirm-containments",
  everyMs: 1_000,
  wakes: ["containment", "isolation"],
  run: async ({ db, lease, log, now, publish }) => {
    const unfinished = await unfinishedContainments(db, BATCH);
    for (const { id: containmentId, requestedAt } of unfinished) {
      await confirmConnections(db, { containmentId, actor: ACTOR, now, fence: (tx) => holdLease(tx, lease) });
      if (now.getTime() - requestedAt.getTime() > LEFT_BEHIND_MS)
        await finishContainment(db, { containmentId, actor: ACTOR, now, log });
      else await settleContainment(db, containmentId);
    }
    publish({ unfinished: unfinished.length });
    return { more: false };
  },
};
