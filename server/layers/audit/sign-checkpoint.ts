import { createPublicKey } from "node:crypto";
import { type Database, isUniqueViolation, type Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { auditCheckpoints, auditKeys } from "../../../db/schema/index.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { noteVerifier, verifierText } from "../../kernel/signed-note.ts";
import type { HeldKey } from "../../keys/key-store.ts";
import { checkpointAtOrBelow, type StoredCheckpoint } from "./chain-store.ts";
import { checkContinuation } from "./check-continuation.ts";
import type { CheckpointCopy, CopiedCheckpoint } from "./checkpoint-copy.ts";
import { signCheckpointNote } from "./engine/checkpoint.ts";
import { frontierBytes, rootOf } from "./engine/merkle.ts";
import { readOrigin } from "./read-origin.ts";
import { readTree } from "./read-tree.ts";

/**
 * Entries between two checkpoints at most: a proof of inclusion reads no more than these. At a second a
 * checkpoint the first is reached only when catching up.
 */
export const CHECKPOINT_ENTRIES_MAX = 8_192;

export type CheckpointSigner = {
  key: HeldKey;
  copy: CheckpointCopy;
  fence: (tx: Tx) => Promise<void>;
  epoch: number;
  now: Date;
};

/**
 * Signs the chain as it stands: extends the tree from the last checkpoint, signs size and root, stores it, and
 * copies it outside the database. A crash in between leaves a checkpoint that is not copied yet, which the next
 * call copies; one that was signed and not stored is signed again, byte for byte the same.
 *
 * @returns `size` of the new checkpoint, or null where nothing was to sign; `refusal` where the log may not be
 * continued.
 * @throws ConflictError `checkpoint_exists` when another signer was faster.
 */
export async function signCheckpoint(
  db: Database,
  signer: CheckpointSigner,
): Promise<{ size: number | null; more: boolean; refusal: string | null }> {
  const { head, copied, refusal } = await checkContinuation(db, signer.copy);
  if (refusal) return { size: null, more: false, refusal };
  const last = await checkpointAtOrBelow(db, Number.MAX_SAFE_INTEGER);
  if (last && last.size > (copied?.size ?? 0)) await signer.copy.append(copyOf(last));
  const from = last?.size ?? 0;
  const size = Math.min(head.seq, from + CHECKPOINT_ENTRIES_MAX);
  if (size <= from) return { size: null, more: false, refusal: shorterThanSigned(head.seq, from) };
  const tree = await readTree(db, size);
  if (tree.problem !== null)
    return { size: null, more: false, refusal: `${tree.problem} It is not signed. Run a verification.` };
  const row = await makeRow(db, signer, size, rootOf(tree.frontier), frontierBytes(tree.frontier));
  await store(db, signer, row);
  await signer.copy.append(copyOf(row));
  return { size, more: size < head.seq, refusal: null };
}

function shorterThanSigned(headSeq: number, signedSize: number): string | null {
  return headSeq < signedSize
    ? `The chain has ${headSeq} entries, and ${signedSize} were signed: its end was cut. Run a verification.`
    : null;
}

async function makeRow(
  db: Database,
  { key, copy, now, epoch }: CheckpointSigner,
  size: number,
  root: Buffer,
  frontier: Buffer,
): Promise<StoredCheckpoint> {
  const origin = await readOrigin(db, key);
  const note = signCheckpointNote({ origin, size, root }, key.privateKey);
  const verifier = noteVerifier(origin, createPublicKey(key.privateKey));
  const { keyId } = verifier;
  await copy.keepKey(verifierText(verifier));
  await db
    .insert(auditKeys)
    .values({ keyId, name: origin, purpose: "checkpoint", publicJwk: key.publicJwk, validFrom: now })
    .onConflictDoNothing();
  return { size, root, note, frontier, keyId, at: now, epoch };
}

async function store(db: Database, signer: CheckpointSigner, row: StoredCheckpoint): Promise<void> {
  try {
    await db.transaction(async (tx) => {
      await signer.fence(tx);
      await tx.insert(auditCheckpoints).values(row);
      await notify(tx, "checkpoint", String(row.size));
    });
  } catch (error) {
    if (isUniqueViolation(error))
      throw new ConflictError("checkpoint_exists", `A checkpoint of ${row.size} entries is already signed.`, {
        size: row.size,
      });
    throw error;
  }
}

function copyOf({ size, root, note, at }: StoredCheckpoint): CopiedCheckpoint {
  return { size, root, note, at: at.toISOString() };
}
