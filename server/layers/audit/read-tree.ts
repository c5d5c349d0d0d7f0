import type { Database, Tx } from "../../../db/client.ts";
import { checkpointAtOrBelow, readLeafFacts } from "./chain-store.ts";
import { entryHashes, GENESIS_HASH } from "./engine/chain.ts";
import { appendLeaf, emptyFrontier, type Frontier, readFrontier, rootOf } from "./engine/merkle.ts";

/** Leaves that one reading takes at most; farther ones are read in steps. */
const LEAVES_MAX = 4_096;

/** A tree at a size: where it was taken up, and the leaves since. `problem` says why it cannot be built. */
export type TreeReading =
  | { start: Frontier; leaves: Buffer[]; frontier: Frontier; headHash: Buffer; problem: null }
  | { problem: string };

/**
 * Builds the tree of the first `size` entries from the checkpoint below it and the entries since, each of
 * which must hash to what is stored and follow the one before.
 *
 * @param below take up the tree at a checkpoint of at most this size; `size` where it is left out.
 */
export async function readTree(db: Database | Tx, size: number, below = size): Promise<TreeReading> {
  const checkpoint = await checkpointAtOrBelow(db, below);
  const start = checkpoint ? readFrontier(checkpoint.size, checkpoint.frontier) : emptyFrontier();
  if (!start || (checkpoint && !rootOf(start).equals(checkpoint.root)))
    return { problem: `The stored tree of checkpoint ${checkpoint?.size} does not have its root.` };
  const frontier: Frontier = { size: start.size, nodes: [...start.nodes] };
  const leaves: Buffer[] = [];
  let headHash = start.size === 0 ? GENESIS_HASH : await hashAt(db, start.size);
  if (!headHash) return { problem: `Entry ${start.size} is missing.` };
  while (frontier.size < size) {
    const entries = await readLeafFacts(db, frontier.size, Math.min(size, frontier.size + LEAVES_MAX));
    if (entries.length === 0) return { problem: `Entry ${frontier.size + 1} is missing.` };
    for (const { seq, prevHash, hash, digest } of entries) {
      if (seq !== frontier.size + 1) return { problem: `Entry ${frontier.size + 1} is missing.` };
      const { entry, leaf } = entryHashes(seq, prevHash, digest);
      if (!entry.equals(hash) || !prevHash.equals(headHash))
        return { problem: `Entry ${seq} is not the one that was chained.` };
      appendLeaf(frontier, leaf);
      leaves.push(leaf);
      headHash = hash;
    }
  }
  return { start, leaves, frontier, headHash, problem: null };
}

async function hashAt(db: Database | Tx, seq: number): Promise<Buffer | null> {
  const [entry] = await readLeafFacts(db, seq - 1, seq);
  return entry?.hash ?? null;
}
