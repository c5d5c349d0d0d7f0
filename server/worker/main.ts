import { randomUUID } from "node:crypto";
import { createDatabase } from "../../db/client.ts";
import { type Env, readEnv } from "../env.ts";
import { makeLog } from "../kernel/make-log.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { roleKekFromEnv } from "../keys/role-kek.ts";
import { endWithParent, isProgram } from "../process-end.ts";
import type { Duty } from "./duty.ts";
import { giveWay } from "./give-way.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { DUTIES } from "./registry.ts";
import { runDuties } from "./run-duties.ts";

/** One for each duty's transaction, one for each renewal that waits behind it, and the heartbeat. */
const POOL_SIZE = 2 * DUTIES.length + 4;

/**
 * Starts the worker: every duty under its lease, and a heartbeat that tells the console what each says of
 * itself. Any number of workers may run; a duty runs in one of them.
 */
export async function startWorker(
  env: Env,
  duties: readonly Duty[] = DUTIES,
): Promise<{ processId: string; close: () => Promise<void> }> {
  const processId = `worker-${randomUUID()}`;
  const log = makeLog(env.logLevel, { role: "worker", process: processId });
  const db = createDatabase(env.databaseUrl, { applicationName: "vigil-worker", poolSize: POOL_SIZE });
  const keys = createKeyStore(db, "worker", roleKekFromEnv(env, "worker"));
  const running = runDuties(duties, { db, env, keys, log, processId });
  const heartbeat = await startHeartbeat(db, {
    id: processId,
    role: "worker",
    log,
    detail: () => ({ duties: running.said() }),
  });
  log.info({ duties: duties.map((duty) => duty.name) }, "the worker runs");
  return {
    processId,
    close: async () => {
      await running.close();
      await heartbeat.close();
      await db.$client.end();
    },
  };
}

if (isProgram(import.meta.filename)) {
  giveWay();
  const worker = await startWorker(readEnv());
  endWithParent(worker.close);
  process.send?.("ready");
}
