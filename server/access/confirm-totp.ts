import { and, eq } from "drizzle-orm";
import { sessions, twoFactors, users } from "../../db/schema/index.ts";
import type { Env } from "../env.ts";
import { ConflictError, ForbiddenError, VigilError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { claimTotpStep } from "./claim-totp-step.ts";
import { matchTotp } from "./engine/totp.ts";
import { lockedUntilAfter } from "./engine/totp-backoff.ts";
import type { OperatorSession } from "./read-session.ts";
import { openTotpSecret } from "./totp-secret.ts";
import type { VerbContext } from "./verb-context.ts";

/**
 * Confirms a started second factor with its first code; the session counts as stepped up from then on.
 *
 * @throws ConflictError `totp_not_started`; ForbiddenError `totp_wrong`; VigilError `totp_locked` (429).
 */
export async function confirmTotp(
  ctx: VerbContext & { env: Pick<Env, "kek" | "roleKek">; session: OperatorSession | null },
  input: { code: string },
): Promise<void> {
  const { db, now, actor, session } = ctx;
  if (!session)
    throw new ForbiddenError("step_up_needs_session", "An API key has no second factor. Sign in first.");
  const ok = await db.transaction(async (tx) => {
    const [row] = await tx
      .select()
      .from(twoFactors)
      .where(and(eq(twoFactors.id, session.userId), eq(twoFactors.verified, false)))
      .for("update");
    if (!row) throw new ConflictError("totp_not_started", "Start setting up your authenticator app first.");
    if (row.lockedUntil && row.lockedUntil > now)
      throw new VigilError("totp_locked", 429, "Too many wrong codes. Wait a little and try again.");
    const step = matchTotp(openTotpSecret(ctx.env, session.userId, row.secret), input.code, now);
    if (step === null || !(await claimTotpStep(tx, session.userId, step))) {
      const failures = (row.failedVerificationCount ?? 0) + 1;
      await tx
        .update(twoFactors)
        .set({ failedVerificationCount: failures, lockedUntil: lockedUntilAfter(failures, now) })
        .where(eq(twoFactors.id, row.id));
      return false;
    }
    await tx
      .update(twoFactors)
      .set({ verified: true, failedVerificationCount: 0 })
      .where(eq(twoFactors.id, row.id));
    await tx
      .update(users)
      .set({ twoFactorEnabled: true, updatedAt: now })
      .where(eq(users.id, session.userId));
    await tx
      .update(sessions)
      .set({ steppedUpAt: now, stepUpMethod: "totp" })
      .where(eq(sessions.id, session.id));
    await appendRecord(tx, { kind: "operator.totp-enrolled", actor, now, outcome: "allow" });
    return true;
  });
  if (!ok)
    throw new ForbiddenError(
      "totp_wrong",
      "The code is not right. Enter the six digits that your authenticator app shows now.",
    );
}
