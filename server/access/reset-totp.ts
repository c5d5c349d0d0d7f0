import { eq } from "drizzle-orm";
import { sessions, twoFactors, users } from "../../db/schema/index.ts";
import { ConflictError, ForbiddenError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { requirePermission } from "./permissions.ts";
import type { VerbContext } from "./verb-context.ts";

/**
 * Takes a person's second factor away, for a lost device; all their sessions end. Nobody takes away their own.
 *
 * @throws ForbiddenError `own_account`; ConflictError `totp_not_enrolled`.
 */
export async function resetTotp({ db, actor, now }: VerbContext, input: { userId: string }): Promise<void> {
  requirePermission(actor, "users.manage");
  if (actor.type === "operator" && actor.id === input.userId)
    throw new ForbiddenError(
      "own_account",
      "Nobody takes away their own second factor. Another administrator can.",
    );
  await db.transaction(async (tx) => {
    const removed = await tx
      .delete(twoFactors)
      .where(eq(twoFactors.userId, input.userId))
      .returning({ id: twoFactors.id });
    if (removed.length === 0)
      throw new ConflictError("totp_not_enrolled", "This user has no second factor to take away.");
    await tx.delete(sessions).where(eq(sessions.userId, input.userId));
    await tx.update(users).set({ twoFactorEnabled: false, updatedAt: now }).where(eq(users.id, input.userId));
    await appendRecord(tx, {
      kind: "user.totp-reset",
      actor,
      now,
      outcome: "allow",
      details: { userId: input.userId },
    });
  });
}
