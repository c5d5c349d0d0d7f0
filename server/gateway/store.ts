import { and, desc, eq } from "drizzle-orm";
import type { JSONWebKeySet, JWK } from "jose";
import type { Database } from "../../db/client.ts";
import { auditCheckpoints, auditKeys, sealedKeys } from "../../db/schema/index.ts";
import { CALLBACK_KEY } from "../kernel/callback.ts";
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

/** The public keys that sign what agents are called back with (RFC 7517); none before the worker made the first. */
export async function callbackKeys(db: Database): Promise<JSONWebKeySet> {
  const rows = await db
    .select({ publicJwk: sealedKeys.publicJwk })
    .from(sealedKeys)
    .where(and(eq(sealedKeys.name, CALLBACK_KEY), eq(sealedKeys.role, "worker")));
  return { keys: rows.map(({ publicJwk }) => ({ ...(publicJwk as JWK), use: "sig" })) };
}
