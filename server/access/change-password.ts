import { verifyPassword } from "better-auth/crypto";
import { and, eq, ne } from "drizzle-orm";
import { z } from "zod";
import { accounts, sessions } from "../../db/schema/index.ts";
import { ForbiddenError, VigilError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { PASSWORD_LENGTH_MAX } from "./auth.ts";
import { attemptsSoFar, countAttempt } from "./count-attempt.ts";
import { passwordHash, passwordInput, updatePassword } from "./insert-user.ts";
import type { VerbContext } from "./verb-context.ts";

export const changePasswordInput = z.object({
  current: z.string().min(1).max(PASSWORD_LENGTH_MAX),
  next: passwordInput,
});

const FAILURES_MAX = 5;
const WINDOW_SECONDS = 900;

/**
 * Changes one's own password; every other session of the person ends.
 *
 * @throws ForbiddenError `wrong_password`, `no_session`; VigilError `too_many_attempts` (429).
 */
export async function changePassword(
  { db, actor, now }: VerbContext,
  input: z.infer<typeof changePasswordInput>,
): Promise<void> {
  if (actor.type !== "operator" || !actor.sessionId)
    throw new ForbiddenError("no_session", "A password is changed by its person, signed in at the console.");
  const { id: userId, sessionId } = actor;
  const key = `change-password/${userId}`;
  if ((await attemptsSoFar(db, key, WINDOW_SECONDS, now)).count >= FAILURES_MAX)
    throw new VigilError(
      "too_many_attempts",
      429,
      "Too many wrong passwords. Try again in a quarter of an hour.",
    );
  const [account] = await db
    .select({ hash: accounts.password })
    .from(accounts)
    .where(and(eq(accounts.userId, userId), eq(accounts.providerId, "credential")));
  if (!account?.hash || !(await verifyPassword({ hash: account.hash, password: input.current }))) {
    await countAttempt(db, key, WINDOW_SECONDS, now);
    throw new ForbiddenError("wrong_password", "The current password is not right.");
  }
  const hash = await passwordHash(input.next);
  await db.transaction(async (tx) => {
    await updatePassword(tx, { userId, passwordHash: hash, now });
    await tx.delete(sessions).where(and(eq(sessions.userId, userId), ne(sessions.id, sessionId)));
    await appendRecord(tx, { kind: "user.password-changed", actor, now, outcome: "allow" });
  });
}
