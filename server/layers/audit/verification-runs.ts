import { asc, desc, eq, inArray } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { verificationRuns } from "../../../db/schema/index.ts";
import { finding, type VerificationView } from "./schema.ts";

export type VerificationRun = typeof verificationRuns.$inferSelect;

/** The run that is to be done next: the oldest that waits, or that a worker left unfinished. */
export async function nextRun(db: Database | Tx): Promise<VerificationRun | null> {
  const [row] = await db
    .select()
    .from(verificationRuns)
    .where(inArray(verificationRuns.status, ["queued", "running"]))
    .orderBy(asc(verificationRuns.requestedAt), asc(verificationRuns.id))
    .limit(1);
  return row ?? null;
}

/** How many runs wait or are under way. */
export function openRuns(db: Database | Tx): Promise<number> {
  return db.$count(verificationRuns, inArray(verificationRuns.status, ["queued", "running"]));
}

/** One run by its id, or the newest. */
export async function findRun(db: Database | Tx, id?: string): Promise<VerificationRun | null> {
  const [row] = await db
    .select()
    .from(verificationRuns)
    .where(id === undefined ? undefined : eq(verificationRuns.id, id))
    .orderBy(desc(verificationRuns.requestedAt), desc(verificationRuns.id))
    .limit(1);
  return row ?? null;
}

/** Writes what has changed of a run. */
export async function updateRun(tx: Tx, id: string, set: Partial<VerificationRun>): Promise<void> {
  await tx.update(verificationRuns).set(set).where(eq(verificationRuns.id, id));
}

/** A run as the screens see it. */
export function viewOfRun(run: VerificationRun): VerificationView {
  return {
    ...run,
    withSignatures: run.withSignatures === 1,
    status: run.status as VerificationView["status"],
    findings: finding.array().parse(run.findings),
    statement: (run.statement as string[]) ?? [],
  };
}
