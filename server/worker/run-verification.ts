import type { JsonWebKey } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { noteVerifier, verifierText } from "../kernel/signed-note.ts";
import { readOrigin } from "../layers/audit/read-origin.ts";
import { recordVerification, type VerificationResult } from "../layers/audit/record-verification.ts";
import { nextRun, updateRun, type VerificationRun } from "../layers/audit/verification-runs.ts";
import type { Duty, DutyContext } from "./duty.ts";
import { holdLease } from "./lease.ts";
import type { ThreadMessage, ThreadTask } from "./verification-thread.ts";

/** How often progress is written while a verification runs. */
const LOOK_MS = 500;

type Running = {
  run: VerificationRun;
  progress: { checked: number; total: number };
  ended: Promise<VerificationResult>;
  stop: () => Promise<unknown>;
};
let running: Running | null = null;

/**
 * Verifies the log when somebody asked for it, in a thread. A run that a killed worker left behind is done
 * again from its beginning.
 */
export const runVerification: Duty = {
  name: "run-verification",
  everyMs: 2_000,
  wakes: ["verification"],
  run: async (context) => {
    const { db, lease, now } = context;
    const fenced = <T>(work: (tx: Tx) => Promise<T>) =>
      db.transaction(async (tx) => {
        await holdLease(tx, lease);
        return work(tx);
      });
    try {
      running ??= await begin(context, fenced);
      if (!running) return { more: false };
      const current = running;
      const result = await Promise.race([current.ended, pause(LOOK_MS)]);
      await fenced(async (tx) => {
        if (result) return recordVerification(tx, { run: current.run, result, now });
        await updateRun(tx, current.run.id, current.progress);
        await notify(tx, "verification", current.run.id);
      });
      if (result) running = null;
      return { more: true };
    } catch (error) {
      await running?.stop();
      running = null;
      throw error;
    }
  },
};

async function begin(
  { db, env, keys, now, log }: DutyContext,
  fenced: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
): Promise<Running | null> {
  const run = await nextRun(db);
  if (!run) return null;
  await fenced((tx) => updateRun(tx, run.id, { status: "running", startedAt: now, checked: 0 }));
  const key = await keys.openOrCreate("checkpoint", "EdDSA", now);
  const verifier = noteVerifier(await readOrigin(db, key), key.publicJwk as JsonWebKey);
  log.info({ verification: run.id }, "a verification begins");
  return startThread(run, {
    databaseUrl: env.readerUrl,
    dataDir: env.dataDir,
    verifiers: [verifierText(verifier)],
    fromSeq: run.fromSeq,
    toSeq: run.toSeq,
    withSignatures: run.withSignatures === 1,
  });
}

function startThread(run: VerificationRun, task: ThreadTask): Running {
  const thread = new Worker(new URL("./verification-thread.ts", import.meta.url), { workerData: task });
  thread.unref();
  const progress = { checked: 0, total: 0 };
  const ended = new Promise<VerificationResult>((resolve) => {
    thread.on("message", (message: ThreadMessage) => {
      if ("progress" in message) Object.assign(progress, message.progress);
      else resolve(message);
    });
    thread.once("error", (error) => resolve({ error: String(error) }));
    thread.once("exit", (code) => resolve({ error: `The verification ended early (code ${code}).` }));
  });
  return { run, progress, ended, stop: () => thread.terminate() };
}

function pause(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, ms, null));
}
