import type { Database } from "../../../db/client.ts";
import { checkpointCovering } from "./chain-store.ts";
import { inclusionProof, subtreesSince, verifyInclusion } from "./engine/merkle-proof.ts";
import { readTree } from "./read-tree.ts";
import type { RecordDetail } from "./schema.ts";

/**
 * Proves an entry against the first checkpoint that covers it: the tree is taken up at the checkpoint before,
 * so at most the entries between the two are read.
 *
 * @returns null while no checkpoint covers the entry, or where the entries in between are not whole.
 */
export async function proveRecord(db: Database, seq: number): Promise<RecordDetail["proof"]> {
  const checkpoint = await checkpointCovering(db, seq);
  if (!checkpoint) return null;
  const tree = await readTree(db, checkpoint.size, seq - 1);
  if (tree.problem !== null) return null;
  const subtree = subtreesSince(tree.start, tree.leaves);
  const leaf = subtree(seq - 1, seq);
  const path = inclusionProof(seq - 1, checkpoint.size, subtree);
  const { size, root, note, keyId, at } = checkpoint;
  return {
    leafIndex: seq - 1,
    leafHash: leaf.toString("hex"),
    path: path.map((node) => node.toString("hex")),
    verifies: verifyInclusion(leaf, seq - 1, size, path, root),
    checkpoint: { size, root: root.toString("hex"), note, keyId, at },
  };
}
