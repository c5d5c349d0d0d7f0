import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import type { Topic } from "../../db/listen.ts";
import type { Env } from "../env.ts";
import type { KeyStore } from "../keys/key-store.ts";
import type { Lease } from "./lease.ts";

/** What a duty works with. `now` is stamped by the runner for each run. */
export type DutyContext = {
  db: Database;
  env: Env;
  keys: KeyStore;
  log: Logger;
  now: Date;
  lease: Lease;
  processId: string;
  publish: (said: Record<string, unknown>) => void;
};

/**
 * A periodic duty of the worker: it runs at least every `everyMs`, and at once when one of `wakes` is heard.
 * It runs in one process at a time; `run` does a bounded piece of work and says whether more is waiting.
 */
export type Duty = {
  name: string;
  everyMs: number;
  wakes: readonly Topic[];
  /** The shortest time from the end of one run to the start of the next, where notices come by the hundred a second. */
  restMs?: number;
  run: (context: DutyContext) => Promise<{ more: boolean }>;
};
