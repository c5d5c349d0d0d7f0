import type { Database } from "../../../db/client.ts";
import { type ChainHead, checkpointAtOrBelow, readHead } from "./chain-store.ts";
import type { CheckpointCopy, CopiedCheckpoint } from "./checkpoint-copy.ts";
import { decideContinuation, refusalText } from "./engine/continue-log.ts";
import { rootOf } from "./engine/merkle.ts";
import { readTree } from "./read-tree.ts";

/**
 * Looks whether this database still continues the log that was signed, as the copy outside it tells.
 *
 * @returns the head, the copy's last checkpoint, and `refusal`: why nothing may be added, or null.
 */
export async function checkContinuation(
  db: Database,
  copy: CheckpointCopy,
): Promise<{ head: ChainHead; copied: CopiedCheckpoint | null; refusal: string | null }> {
  const copied = await copy.last();
  const { head, nextXid } = await readHead(db);
  const rootAtCopied = copied && copied.size <= head.seq ? await rootAt(db, copied.size) : null;
  const decision = decideContinuation({
    headSeq: head.seq,
    headXid: head.xid,
    nextXid,
    copied,
    rootAtCopied,
  });
  return { head, copied, refusal: refusalText(decision) };
}

/** The root at a size: from the checkpoint stored there, or made anew from the entries where none is. */
async function rootAt(db: Database, size: number): Promise<Buffer | null> {
  const checkpoint = await checkpointAtOrBelow(db, size);
  if (checkpoint?.size === size) return checkpoint.root;
  const tree = await readTree(db, size);
  return tree.problem === null ? rootOf(tree.frontier) : null;
}
