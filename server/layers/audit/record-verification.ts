import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import type { Actor } from "../../kernel/actor.ts";
import { appendRecord } from "./append.ts";
import { updateRun, type VerificationRun } from "./verification-runs.ts";
import type { VerificationReport } from "./verify-log.ts";

/** Findings named in the audit record; all of them stand in the run. */
const NAMED_MAX = 20;
const ACTOR: Actor = { type: "system", id: "run-verification" };

/** What came of a run: a report, or why there is none. */
export type VerificationResult = { report: VerificationReport } | { error: string };

/**
 * Writes the result of a verification with its audit record, in the caller's transaction. An empty log and a
 * log that could not be read are failures, never a clean bill. The run keeps the range that was asked for, so
 * that one of the whole log can be told from one of a part.
 */
export async function recordVerification(
  tx: Tx,
  { run, result, now }: { run: VerificationRun; result: VerificationResult; now: Date },
): Promise<void> {
  const report = "report" in result ? result.report : null;
  const error = "error" in result ? result.error : emptiness(result.report);
  const status = error !== null ? "failed" : report?.outcome === "clean" ? "clean" : "findings";
  await updateRun(tx, run.id, {
    status,
    error,
    finishedAt: now,
    ...(report && {
      checked: report.checked,
      findings: report.findings,
      statement: report.statement,
    }),
  });
  await appendRecord(tx, {
    kind: "audit.verified",
    actor: ACTOR,
    now,
    details: {
      verificationId: run.id,
      requestedBy: run.requestedBy,
      status,
      error,
      fromSeq: run.fromSeq,
      toSeq: report?.toSeq ?? run.toSeq,
      checked: report?.checked ?? 0,
      signaturesChecked: report?.signaturesChecked ?? 0,
      provableSize: report?.provableSize ?? 0,
      findingCount: report?.findings.length ?? 0,
      findings: report?.findings.slice(0, NAMED_MAX) ?? [],
    },
  });
  await notify(tx, "verification", run.id);
}

function emptiness({ outcome, statement }: VerificationReport): string | null {
  return outcome === "empty" ? (statement[0] ?? "There was nothing to verify.") : null;
}
