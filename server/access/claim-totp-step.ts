import type { Tx } from "../../db/client.ts";
import { usedAssertions } from "../../db/schema/index.ts";
import { TOTP_STEP_SECONDS } from "./engine/totp.ts";

/** The claim is kept until the step has long stopped counting. */
const KEPT_STEPS = 4;

/** Claims one step's code for good: false where it was used before, in whatever session (RFC 6238 §5.2). */
export async function claimTotpStep(tx: Tx, userId: string, step: number): Promise<boolean> {
  const expiresAt = new Date((step + KEPT_STEPS) * TOTP_STEP_SECONDS * 1000);
  const claimed = await tx
    .insert(usedAssertions)
    .values({ id: `totp/${userId}/${step}`, expiresAt })
    .onConflictDoNothing()
    .returning({ id: usedAssertions.id });
  return claimed.length === 1;
}
