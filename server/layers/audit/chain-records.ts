import { type Database, isUniqueViolation, type Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { present } from "../../kernel/ensure.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { type ChainHead, insertEntries, readSettledRecords } from "./chain-store.ts";
import { checkContinuation } from "./check-continuation.ts";
import type { CheckpointCopy } from "./checkpoint-copy.ts";
import { chainBehind } from "./engine/chain.ts";

export const CHAIN_BATCH_MAX = 2_000;

/**
 * Gives the next committed records their numbers and hashes, in one transaction: nothing is ever updated,
 * and of two that try to continue the same head, one fails.
 *
 * @param fence checks in the transaction that the caller still holds the duty; `epoch` is written with each entry.
 * @returns how many were chained, the head then, whether more wait, and `refusal` where the log may not be continued.
 * @throws ConflictError `head_moved` when another sequencer was faster.
 */
export async function chainRecords(
  db: Database,
  caller: { fence: (tx: Tx) => Promise<void>; epoch: number; copy: CheckpointCopy },
): Promise<{ chained: number; head: ChainHead; more: boolean; refusal: string | null }> {
  const { head, refusal } = await checkContinuation(db, caller.copy);
  if (refusal) return { chained: 0, head, more: false, refusal };
  const records = await readSettledRecords(db, head, CHAIN_BATCH_MAX);
  if (records.length === 0) return { chained: 0, head, more: false, refusal: null };
  const entries = chainBehind(head, records).map((entry, i) => {
    const { xid = "0", ord = 0 } = records[i] ?? {};
    return { ...entry, xid, ord };
  });
  try {
    await db.transaction(async (tx) => {
      await caller.fence(tx);
      await insertEntries(tx, entries, caller.epoch);
      await notify(tx, "chain", String(head.seq + entries.length));
    });
  } catch (error) {
    if (isUniqueViolation(error))
      throw new ConflictError("head_moved", `Another sequencer has already continued entry ${head.seq}.`, {
        head: head.seq,
      });
    throw error;
  }
  const last = present(entries[entries.length - 1], "a batch has a last entry");
  return { chained: entries.length, head: last, more: entries.length === CHAIN_BATCH_MAX, refusal: null };
}
