import type { Database, Tx } from "../../../db/client.ts";
import { usedAssertions } from "../../../db/schema/index.ts";

/** Whether a client assertion is used for the first time; of two at once, one is. */
export async function claimAssertion(
  db: Database | Tx,
  assertion: { id: string; expiresAt: Date },
): Promise<boolean> {
  const claimed = await db
    .insert(usedAssertions)
    .values(assertion)
    .onConflictDoNothing()
    .returning({ id: usedAssertions.id });
  return claimed.length === 1;
}
