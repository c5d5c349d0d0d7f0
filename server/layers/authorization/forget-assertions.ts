import { asc, inArray, lt } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { usedAssertions } from "../../../db/schema/index.ts";

/** At a time, so that no backlog is too long to be worked off. */
export const FORGET_BATCH_MAX = 5_000;

/** Forgets assertions and proofs that ended before `before`: their own expiry refuses them now. @returns how many. */
export async function forgetAssertions(tx: Tx, before: Date): Promise<number> {
  const oldest = tx
    .select({ id: usedAssertions.id })
    .from(usedAssertions)
    .where(lt(usedAssertions.expiresAt, before))
    .orderBy(asc(usedAssertions.expiresAt))
    .limit(FORGET_BATCH_MAX);
  const gone = await tx
    .delete(usedAssertions)
    .where(inArray(usedAssertions.id, oldest))
    .returning({ id: usedAssertions.id });
  return gone.length;
}
