import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { calculateJwkThumbprint, type JWK } from "jose";
import type { Database } from "../../../../db/client.ts";
import type { HeldKey } from "../../../keys/key-store.ts";
import { type AuditEntry, appendRecord } from "../append.ts";
import { chainRecords } from "../chain-records.ts";
import { checkpointCopy } from "../checkpoint-copy.ts";
import { signCheckpoint } from "../sign-checkpoint.ts";

export const TEST_NOW = new Date("2026-11-20T09:00:00.000Z");

/** A checkpoint key as the key store would hold it. */
export async function makeCheckpointKey(): Promise<HeldKey & { publicKey: KeyObject }> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const publicJwk = publicKey.export({ format: "jwk" }) as JWK;
  const keyId = await calculateJwkThumbprint(publicJwk);
  return { name: "checkpoint", keyId, algorithm: "EdDSA", privateKey, publicJwk, publicKey };
}

/** An audit log over a test's own database, with its key and its copy of the checkpoints. */
export async function createAuditLog(db: Database) {
  const dataDir = mkdtempSync(path.join(tmpdir(), "vigil-audit-"));
  const key = await makeCheckpointKey();
  const copy = checkpointCopy(dataDir);
  const fence = async () => undefined;
  let count = 0;

  const append = (times: number, entry: Partial<AuditEntry> = {}) =>
    db.transaction(async (tx) => {
      const ids: string[] = [];
      for (let i = 0; i < times; i++) {
        count += 1;
        const now = new Date(TEST_NOW.getTime() + count * 10);
        const actor = { type: "system" as const, id: "test" };
        ids.push(await appendRecord(tx, { kind: "test.noted", actor, now, details: { count }, ...entry }));
      }
      return ids;
    });
  const chain = async () => {
    for (;;) {
      const done = await chainRecords(db, { fence, epoch: 1, copy });
      if (!done.more) return done;
    }
  };
  const sign = async () => {
    for (;;) {
      const done = await signCheckpoint(db, { key, copy, fence, epoch: 1, now: TEST_NOW });
      if (!done.more) return done;
    }
  };
  return {
    key,
    copy,
    dataDir,
    append,
    chain,
    sign,
    /** Appends, chains and signs: a finished stretch of log. */
    grow: async (times: number, entry: Partial<AuditEntry> = {}) => {
      const ids = await append(times, entry);
      await chain();
      await sign();
      return ids;
    },
    close: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}
