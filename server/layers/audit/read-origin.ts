import type { Database, Tx } from "../../../db/client.ts";
import { readCheckpointKeys } from "./chain-store.ts";

/** The log's name for good: that of its first checkpoint key, which outlives the key itself. */
export async function readOrigin(db: Database | Tx, key: { keyId: string }): Promise<string> {
  const [first] = await readCheckpointKeys(db);
  return first?.name ?? `vigil/${key.keyId.slice(0, 16)}`;
}
