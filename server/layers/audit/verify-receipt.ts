import type { JsonWebKey } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { auditKeys } from "../../../db/schema/index.ts";
import { sha256Label } from "../../kernel/hash.ts";
import { type ReceiptClaims, readReceipt, receiptProblem } from "./engine/check-receipt.ts";
import { proveRecord } from "./prove-record.ts";
import { findRecord } from "./store.ts";

/** What became of a receipt: it proves nothing, the log broke its word, or it kept it. */
export type ReceiptReport =
  | { outcome: "unusable"; detail: string }
  | {
      outcome: "broken" | "kept";
      detail: string;
      claims: ReceiptClaims;
      seq: number | null;
      proved: boolean;
    };

/** Holds a receipt against the log: a record that vanished before it was chained is provable by it. */
export async function verifyReceipt(db: Database, text: string, now: Date): Promise<ReceiptReport> {
  const rows = await db.select().from(auditKeys).where(eq(auditKeys.purpose, "receipt"));
  const keys = new Map(rows.map((row) => [row.keyId, row.publicJwk as JsonWebKey]));
  const read = readReceipt(text, (keyId) => keys.get(keyId));
  if ("problem" in read) return { outcome: "unusable", detail: read.problem };
  const { claims } = read;
  const found = await findRecord(db, claims.recordId);
  const seq = found?.seq ?? null;
  const proved = seq !== null && ((await proveRecord(db, seq))?.verifies ?? false);
  const record = found && {
    digest: `sha256:${found.digest.toString("hex")}`,
    digestOfBody: sha256Label(found.body),
    seq,
    proved,
  };
  const problem = receiptProblem(claims, record, now);
  if (problem) return { outcome: "broken", detail: problem, claims, seq, proved };
  const place = seq === null ? "not chained yet" : `number ${seq}`;
  const detail = `The record ${claims.recordId} is there, unchanged: ${place}, ${proved ? "" : "not yet "}proved by a signed checkpoint.`;
  return { outcome: "kept", detail, claims, seq, proved };
}
