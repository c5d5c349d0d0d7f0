import { lt } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { usedAssertions } from "../../../db/schema/index.ts";

/** Forgets assertions that ended before `before`: their own expiry refuses them now. @returns how many. */
export async function forgetAssertions(tx: Tx, before: Date): Promise<number> {
  const gone = await tx
    .delete(usedAssertions)
    .where(lt(usedAssertions.expiresAt, before))
    .returning({ id: usedAssertions.id });
  return gone.length;
}
