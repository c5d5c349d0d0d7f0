import { and, eq } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import { auditIndex, auditRecords } from "../../db/schema/index.ts";
import { sha256 } from "../kernel/hash.ts";

/**
 * The details of the audit record of one kind about one thing, where the record's own bytes still match
 * their digest; null where there is none. What a row says is compared with what the record says of it.
 */
export async function findRecord(
  db: Database | Tx,
  kind: string,
  subject: string,
): Promise<Record<string, unknown> | null> {
  const [row] = await db
    .select({ body: auditRecords.body, digest: auditRecords.digest })
    .from(auditIndex)
    .innerJoin(auditRecords, eq(auditRecords.id, auditIndex.recordId))
    .where(and(eq(auditIndex.kind, "subject"), eq(auditIndex.value, subject), eq(auditRecords.kind, kind)))
    .orderBy(auditRecords.at)
    .limit(1);
  if (!row || !sha256(row.body).equals(row.digest)) return null;
  const body = JSON.parse(row.body.toString("utf8")) as { details?: Record<string, unknown> };
  return body.details ?? null;
}
