import type { Decision } from "../../../kernel/decision.ts";

/** What is known of the log and of the copy of its checkpoints that lies outside the database. */
export type LogFacts = {
  /** Number of the last chained entry; 0 for an empty chain. */
  headSeq: number;
  /** Transaction of the last chained entry, as decimal text. */
  headXid: string;
  /** The next transaction id this PostgreSQL will give: `pg_snapshot_xmax`. */
  nextXid: string;
  /** Last checkpoint of the copy; null where there is no copy yet. */
  copied: { size: number; root: Buffer } | null;
  /** Root of the chain as it stands at the copy's size; null where the chain is shorter or has a hole. */
  rootAtCopied: Buffer | null;
};

/**
 * Whether Vigil may go on with this log. A log that is shorter than what was signed, or that differs from it,
 * is an old backup or was cut: going on would sign a second history, so it is refused until a person decides.
 */
export function decideContinuation(facts: LogFacts): Decision<"extend" | "refuse"> {
  const { headSeq, copied, rootAtCopied } = facts;
  const checks = [
    {
      id: "not-shorter-than-signed",
      passed: !copied || copied.size <= headSeq,
      detail: copied
        ? `The chain has ${headSeq} entries; the checkpoint copied outside the database covers ${copied.size}.`
        : "No checkpoint was copied outside the database yet.",
    },
    {
      id: "same-as-signed",
      passed: !copied || copied.size > headSeq || copied.root.equals(rootAtCopied ?? Buffer.alloc(0)),
      detail: copied
        ? `The first ${copied.size} entries are${
            rootAtCopied && copied.root.equals(rootAtCopied) ? "" : " not"
          } those that were signed.`
        : "There is nothing to compare with.",
    },
    {
      id: "transactions-go-on",
      passed: BigInt(facts.headXid) < BigInt(facts.nextXid),
      detail: `The last chained transaction is ${facts.headXid}, the next will be ${facts.nextXid}.`,
    },
  ];
  return { outcome: checks.every((check) => check.passed) ? "extend" : "refuse", checks };
}

const REMEDY: Record<string, string> = {
  "not-shorter-than-signed":
    "The database looks restored from an old backup, or the end of the log was cut. Bring back the newer database. To go on with this one knowingly, move checkpoints.log out of the data folder and keep it as evidence.",
  "same-as-signed":
    "Entries that were already signed have been changed. Run a verification and keep the database as it is. To go on knowingly, move checkpoints.log out of the data folder and keep it as evidence.",
  "transactions-go-on":
    "The database was copied into another PostgreSQL cluster, whose transaction ids start lower. Stop it and raise its next transaction id above the last chained one with pg_resetwal --epoch and --next-transaction-id.",
};

/** The refusal in words for the screen and the log: what was found, and what to do. */
export function refusalText(decision: Decision<"extend" | "refuse">): string | null {
  const failed = decision.checks.filter((check) => !check.passed);
  if (failed.length === 0) return null;
  return failed.map((check) => `${check.detail} ${REMEDY[check.id]}`).join(" ");
}
