import { existsSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { createDatabase } from "../../db/client.ts";
import { present } from "../kernel/ensure.ts";
import { parseVerifier } from "../kernel/signed-note.ts";
import { checkpointCopyPath, readCheckpointCopy } from "../layers/audit/checkpoint-copy.ts";
import { type VerificationReport, verifyLog } from "../layers/audit/verify-log.ts";

/** What the thread is told: where to read, with which key, and which range. */
export type ThreadTask = {
  databaseUrl: string;
  dataDir: string;
  /** Trusted checkpoint keys as verifier lines. */
  verifiers: string[];
  fromSeq: number;
  toSeq: number | null;
  withSignatures: boolean;
};

/** What the thread says: how far it is, then its report or why there is none. */
export type ThreadMessage =
  | { progress: { checked: number; total: number } }
  | { report: VerificationReport }
  | { error: string };

const PROGRESS_ENTRIES = 4_000;

/** A verification in a thread of its own, so that hashing a million records delays no duty. */
async function work(task: ThreadTask, say: (message: ThreadMessage) => void): Promise<void> {
  const db = createDatabase(task.databaseUrl, { applicationName: "vigil-verify", poolSize: 3 });
  try {
    const copy = checkpointCopyPath(task.dataDir);
    let said = 0;
    const report = await verifyLog(db, {
      fromSeq: task.fromSeq,
      toSeq: task.toSeq,
      withSignatures: task.withSignatures,
      trustedKeys: task.verifiers.map((text) => present(parseVerifier(text), "a verifier of our own")),
      copies: existsSync(copy) ? (await readCheckpointCopy(copy)).checkpoints : null,
      onProgress: (checked, total) => {
        if (checked - said < PROGRESS_ENTRIES) return;
        said = checked;
        say({ progress: { checked, total } });
      },
    });
    say({ report });
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) });
  } finally {
    await db.$client.end();
  }
}

if (parentPort) {
  const port = parentPort;
  await work(workerData as ThreadTask, (message) => port.postMessage(message));
}
