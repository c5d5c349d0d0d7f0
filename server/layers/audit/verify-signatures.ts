import { createPublicKey, type JsonWebKey } from "node:crypto";
import { calculateJwkThumbprint, type JWK } from "jose";
import type { Database } from "../../../db/client.ts";
import { checkPayload, type SignatureKey } from "./engine/check-payload.ts";
import type { RequestClaims } from "./engine/check-record.ts";
import type { Findings } from "./engine/findings.ts";
import { type RegisteredSignatureKey, readPayloads, readSignatureKeys } from "./verification-store.ts";

/** Payloads held in memory at once. */
const BATCH = 250;

type Expected = {
  seq: number;
  recordId: string;
  agentId: string | null;
  atMs: number;
  request: RequestClaims;
};

/** Checks the agents' signatures of the records it is told to expect, a batch at a time, on the thread pool. */
export function createSignatureCheck(db: Database, findings: Findings) {
  const keys = new Map<string, SignatureKey | undefined>();
  let expected: Expected[] = [];
  let checked = 0;

  const loadKeys = async (batch: readonly Expected[]) => {
    const missing = [...new Set(batch.map(({ request }) => request.keyId))].filter((id) => !keys.has(id));
    if (missing.length === 0) return;
    for (const id of missing) keys.set(id, undefined);
    for (const row of await readSignatureKeys(db, missing)) keys.set(row.keyId, await usableKey(row));
  };

  const checkBatch = async (batch: readonly Expected[]) => {
    const payloads = new Map(
      (
        await readPayloads(
          db,
          batch.map(({ recordId }) => recordId),
        )
      ).map((payload) => [payload.recordId, payload]),
    );
    await loadKeys(batch);
    const problems = await Promise.all(
      batch.map((facts) => checkPayload(facts, payloads.get(facts.recordId), keys.get(facts.request.keyId))),
    );
    for (const [i, detail] of problems.entries()) {
      const { seq = 0, recordId = null } = batch[i] ?? {};
      if (detail) findings.add({ class: "bad-agent-signature", fromSeq: seq, toSeq: seq, recordId, detail });
    }
    checked += batch.length;
  };

  return {
    expect: (facts: Expected): void => {
      expected.push(facts);
    },
    settle: async (): Promise<void> => {
      for (let at = 0; at < expected.length; at += BATCH) await checkBatch(expected.slice(at, at + BATCH));
      expected = [];
    },
    checked: () => checked,
  };
}

/** The registered key, with the thumbprint of the key that is really there; undefined where it is none. */
async function usableKey(row: RegisteredSignatureKey): Promise<SignatureKey | undefined> {
  try {
    const publicKey = createPublicKey({ key: row.publicJwk as JsonWebKey, format: "jwk" });
    const thumbprint = await calculateJwkThumbprint(publicKey.export({ format: "jwk" }) as JWK);
    const { agentId, notBeforeMs, notAfterMs } = row;
    return { publicKey, thumbprint, agentId, notBeforeMs, notAfterMs };
  } catch {
    return undefined;
  }
}
