import { desc } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { auditCheckpoints, auditKeys } from "../../db/schema/index.ts";
import type { HeldKey } from "../keys/key-store.ts";

/** The newest signed note of the log, or null before the first. */
export async function latestCheckpoint(db: Database): Promise<string | null> {
  const [row] = await db
    .select({ note: auditCheckpoints.note })
    .from(auditCheckpoints)
    .orderBy(desc(auditCheckpoints.size))
    .limit(1);
  return row?.note ?? null;
}

/** Keeps the public half of the receipt key for good, so that receipts verify after the key is gone. */
export async function publishReceiptKey(db: Database, key: HeldKey, now: Date): Promise<void> {
  await db
    .insert(auditKeys)
    .values({
      keyId: key.keyId,
      name: key.name,
      purpose: "receipt",
      publicJwk: key.publicJwk,
      validFrom: now,
    })
    .onConflictDoNothing();
}
