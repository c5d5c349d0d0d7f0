import { checkpointCopy } from "../layers/audit/checkpoint-copy.ts";
import { signCheckpoint } from "../layers/audit/sign-checkpoint.ts";
import type { Duty } from "./duty.ts";
import { holdLease } from "./lease.ts";

let spoken: string | null = null;

/** Signs the chain each second when it has grown, and keeps a copy of every checkpoint in the data folder. */
export const signCheckpoints: Duty = {
  name: "sign-checkpoints",
  everyMs: 1_000,
  wakes: [],
  run: async ({ db, env, keys, lease, log, now, publish }) => {
    const key = await keys.openOrCreate("checkpoint", "EdDSA", now);
    const { size, more, refusal } = await signCheckpoint(db, {
      key,
      copy: checkpointCopy(env.dataDir),
      fence: (tx) => holdLease(tx, lease),
      epoch: lease.epoch,
      now,
    });
    publish({ critical: refusal, ...(size === null ? {} : { signedSize: size }) });
    if (refusal && refusal !== spoken) log.fatal({ critical: refusal }, "the log is not signed");
    spoken = refusal;
    return { more };
  },
};
