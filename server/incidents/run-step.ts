import { and, eq } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { containmentSteps } from "../../db/schema/index.ts";
import { VigilError } from "../kernel/errors.ts";
import type { ContainmentStep } from "./schema.ts";
import { type ContainmentRow, containmentById } from "./store.ts";

/**
 * Takes one step of a containment, once: the row is locked, a step that is done stays as it is, and what the
 * step changes commits together with its result. A failure is recorded and left for the next attempt.
 *
 * @param work changes what the step changes, and says in a sentence what it did.
 * @param clock instants of the door that called, see kernel/stopwatch.
 * @returns null when the step is done, or the error.
 */
export async function runStep(
  db: Database,
  step: { containmentId: string; step: ContainmentStep; clock: () => Date },
  work: (tx: Tx, containment: ContainmentRow) => Promise<string>,
): Promise<unknown> {
  const startedAt = step.clock();
  try {
    await db.transaction(async (tx) => {
      const containment = await containmentById(tx, step.containmentId, true);
      if (await isDone(tx, step)) return;
      const detail = await work(tx, containment);
      await writeStep(tx, { ...step, status: "done", detail, startedAt, finishedAt: step.clock() });
    });
    return null;
  } catch (error) {
    await writeFailure(db, step, startedAt, error);
    return error;
  }
}

/** Writes a step's result; a step that is done or confirmed is never made a failure afterwards. */
export async function writeStep(
  tx: Tx | Database,
  step: {
    containmentId: string;
    step: ContainmentStep;
    status: "done" | "confirmed" | "failed";
    detail: string;
    startedAt: Date;
    finishedAt: Date | null;
  },
): Promise<void> {
  const { containmentId, step: name, ...result } = step;
  await tx
    .insert(containmentSteps)
    .values({ containmentId, step: name, ...result })
    .onConflictDoUpdate({
      target: [containmentSteps.containmentId, containmentSteps.step],
      set: result,
      setWhere: eq(containmentSteps.status, "failed"),
    });
  await notify(tx, "containment", containmentId);
}

async function isDone(tx: Tx, step: { containmentId: string; step: ContainmentStep }): Promise<boolean> {
  const [row] = await tx
    .select({ status: containmentSteps.status })
    .from(containmentSteps)
    .where(and(eq(containmentSteps.containmentId, step.containmentId), eq(containmentSteps.step, step.step)));
  return row !== undefined && row.status !== "failed";
}

/** The database may be what failed; then the missing step itself tells the duty to take it again. */
async function writeFailure(
  db: Database,
  step: { containmentId: string; step: ContainmentStep; clock: () => Date },
  startedAt: Date,
  error: unknown,
): Promise<void> {
  const detail =
    error instanceof VigilError
      ? error.message
      : "It failed unexpectedly; it is tried again every few seconds.";
  await writeStep(db, { ...step, status: "failed", detail, startedAt, finishedAt: step.clock() }).catch(
    () => undefined,
  );
}
