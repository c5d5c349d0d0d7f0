import type { Tx } from "../../db/client.ts";
import { chainRecords } from "../layers/audit/chain-records.ts";
import { checkpointCopy } from "../layers/audit/checkpoint-copy.ts";
import { watchHoldup } from "../layers/audit/watch-holdup.ts";
import type { Duty, DutyContext } from "./duty.ts";
import { holdLease } from "./lease.ts";

const BATCHES_MAX = 20;
const findHoldup = watchHoldup();

/**
 * Gives committed records their place in the chain within 100 ms, by notice or by looking. What it publishes:
 * `critical`, why the log may not be continued, and `holdup`, who keeps committed records waiting.
 */
export const sequenceRecords: Duty = {
  name: "sequence-records",
  everyMs: 100,
  wakes: ["record"],
  // Gateways announce each batch, up to 200 times a second.
  restMs: 30,
  run: async (context) => {
    const { db, env, lease } = context;
    const caller = {
      fence: (tx: Tx) => holdLease(tx, lease),
      epoch: lease.epoch,
      copy: checkpointCopy(env.dataDir),
    };
    let done = await chainRecords(db, caller);
    for (let batch = 1; done.more && batch < BATCHES_MAX; batch++) done = await chainRecords(db, caller);
    say(context, done.refusal, done.more ? null : await findHoldup(db, done.head, context.now));
    return { more: done.more };
  },
};

const spoken = { critical: null as string | null, heldUp: false };

/** The screens get every word; the log gets it when it changes. */
function say({ log, publish }: DutyContext, critical: string | null, holdup: string | null): void {
  publish({ critical, holdup });
  if (critical && critical !== spoken.critical) log.fatal({ critical }, "the log is not continued");
  if (holdup && !spoken.heldUp) log.error({ holdup }, "a transaction holds the sequence up");
  Object.assign(spoken, { critical, heldUp: holdup !== null });
}
