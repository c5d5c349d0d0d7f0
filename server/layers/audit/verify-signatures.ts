import { createPublicKey, type JsonWebKey } from "node:crypto";
import { calculateJwkThumbprint, type JWK } from "jose";
import type { Database } from "../../../db/client.ts";
import { checkPayload, type SignatureKey, type StoredPayload } from "./engine/check-payload.ts";
import type { RequestClaims } from "./engine/check-record.ts";
import type { Findings } from "./engine/findings.ts";
import {
  type RegisteredSignatureKey,
  readPayloadOwners,
  readPayloads,
  readSignatureKeys,
} from "./verification-store.ts";

/** Payloads held in memory at once. */
const BATCH = 250;

type Expected = {
  seq: number;
  recordId: string;
  agentId: string | null;
  atMs: number;
  request: RequestClaims;
};

type Bare = Pick<Expected, "seq" | "recordId">;

/** Checks the agents' signatures of the records it is told to expect, a batch at a time, on the thread pool. */
export function createSignatureCheck(db: Database, findings: Findings) {
  const keys = new Map<string, SignatureKey | undefined>();
  let expected: Expected[] = [];
  let bare: Bare[] = [];
  let checked = 0;

  const loadKeys = async (batch: readonly Expected[]) => {
    const missing = [...new Set(batch.map(({ request }) => request.keyId))].filter((id) => !keys.has(id));
    if (missing.length === 0) return;
    for (const id of missing) keys.set(id, undefined);
    for (const row of await readSignatureKeys(db, missing)) keys.set(row.keyId, await usableKey(row));
  };

  const checkBatch = async (batch: readonly Expected[], payloads: ReadonlyMap<string, StoredPayload>) => {
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

  /** The payloads of the batch that begins there, by record. */
  const readBatch = async (at: number): Promise<Map<string, StoredPayload>> => {
    const ids = expected.slice(at, at + BATCH).map(({ recordId }) => recordId);
    const payloads = ids.length === 0 ? [] : await readPayloads(db, ids);
    return new Map(payloads.map((payload) => [payload.recordId, payload]));
  };

  return {
    expect: (facts: Expected): void => {
      expected.push(facts);
    },
    /** The record names no signed request: there must be none. */
    expectNone: (facts: Bare): void => {
      bare.push(facts);
    },
    settle: async (): Promise<void> => {
      await checkBare(db, bare, findings);
      bare = [];
      let reading = readBatch(0);
      for (let at = 0; at < expected.length; at += BATCH) {
        const payloads = await reading;
        // Read while these are verified.
        reading = readBatch(at + BATCH);
        reading.catch(() => undefined);
        await checkBatch(expected.slice(at, at + BATCH), payloads);
      }
      expected = [];
    },
    checked: () => checked,
  };
}

/** A request beside a record that names none was put there: nothing that was chained vouches for it. */
async function checkBare(db: Database, bare: readonly Bare[], findings: Findings): Promise<void> {
  const owners = await readPayloadOwners(
    db,
    bare.map(({ recordId }) => recordId),
  );
  for (const { seq, recordId } of bare.filter((it) => owners.has(it.recordId)))
    findings.add({
      class: "insert",
      fromSeq: seq,
      toSeq: seq,
      recordId,
      detail: "A signed request lies beside this record, which names none.",
    });
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
