import type { Tx } from "../../db/client.ts";
import type { VerbContext } from "../access/verb-context.ts";
import type { Actor } from "../kernel/actor.ts";
import { ConflictError } from "../kernel/errors.ts";
import type { Drift } from "../layers/monitoring/engine/drift.ts";
import { learnAgentBaseline } from "../layers/monitoring/learn-baseline.ts";
import { agentsToLearn } from "../layers/monitoring/learning-store.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";
import { dropSlicesBefore } from "../layers/monitoring/window-store.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

/** Slices are needed for one minute; two hours are kept for the map of what reached what. */
const SLICES_KEPT_MS = 2 * 3_600_000;
/** Those whose turn it is and who have too little of what counts must not hold up the others. */
const CANDIDATES_MAX = 20;
const ACTOR: Actor = { type: "system", id: "monitoring" };

/**
 * Learns one agent's baseline a run: the first when there is enough to learn from, then a new one each day. Behaviour
 * that has drifted is not followed but alerted: two people decide. Old slices are removed here too.
 */
export const learnBaselines: Duty = {
  name: "learn-baselines",
  everyMs: 60_000,
  wakes: [],
  run: async ({ db, now, lease, publish }) => {
    const fence = (tx: Tx) => holdLease(tx, lease);
    await db.transaction(async (tx) => {
      await fence(tx);
      await dropSlicesBefore(tx, new Date(now.getTime() - SLICES_KEPT_MS));
    });
    for (const agentId of await agentsToLearn(db, now, CANDIDATES_MAX)) {
      const kind = await learnOne({ db, now, actor: ACTOR }, agentId, fence);
      if (kind) {
        publish({ lastLearnt: agentId, lastOutcome: kind });
        return { more: true };
      }
    }
    return { more: false };
  },
};

/** @returns null where there was nothing to learn after all, so that the next in line has its turn. */
async function learnOne(
  ctx: VerbContext,
  agentId: string,
  fence: (tx: Tx) => Promise<void>,
): Promise<"learnt" | "drifted" | null> {
  try {
    const outcome = await learnAgentBaseline(ctx, { agentId }, { fence });
    if (outcome.kind === "drifted")
      await ctx.db.transaction(async (tx) => {
        await fence(tx);
        await raiseDrift(tx, agentId, outcome.drift, ctx.now);
      });
    return outcome.kind;
  } catch (error) {
    // It was contained, pinned, or its minutes were judged, between the question and the answer.
    if (error instanceof ConflictError && error.code !== "lease_lost") return null;
    throw error;
  }
}

async function raiseDrift(tx: Tx, agentId: string, drift: Drift, now: Date): Promise<void> {
  await raiseAlert(tx, {
    agentId,
    kind: "behaviour",
    rule: "baseline-drift",
    severity: "medium",
    title: `Usual behaviour has drifted: ${drift.words}`,
    detail: {
      ...drift,
      advice: "Propose to learn the baseline anew if this is right; else look at what changed.",
    },
    actor: ACTOR,
    now,
  });
}
