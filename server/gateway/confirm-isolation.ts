import type { Database } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import { isolationConfirmations } from "../../db/schema/index.ts";

export type Confirmation = { agentId: string; epoch: number; connectionsCut: number };

/** A gateway's word that it holds these epochs, and how many connections it cut for each. Said twice, the first counts. */
export async function confirmIsolation(
  db: Database,
  gatewayId: string,
  confirmations: readonly Confirmation[],
  now: Date,
): Promise<void> {
  if (confirmations.length === 0) return;
  await db.transaction(async (tx) => {
    await tx
      .insert(isolationConfirmations)
      .values(confirmations.map((it) => ({ ...it, gatewayId, confirmedAt: now })))
      .onConflictDoNothing();
    for (const { agentId } of confirmations) await notify(tx, "containment", agentId);
  });
}
