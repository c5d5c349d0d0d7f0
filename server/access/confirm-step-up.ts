import { and, eq } from "drizzle-orm";
import type { Tx } from "../../db/client.ts";
import { sessions, twoFactors } from "../../db/schema/index.ts";
import type { Env } from "../env.ts";
import { ConflictError, ForbiddenError, VigilError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { claimTotpStep } from "./claim-totp-step.ts";
import { matchTotp } from "./engine/totp.ts";
import { lockedUntilAfter } from "./engine/totp-backoff.ts";
import type { OperatorSession } from "./read-session.ts";
import { openTotpSecret } from "./totp-secret.ts";
import type { VerbContext } from "./verb-context.ts";

const METHOD = "totp";

/**
 * Proves the second factor of the session's person and stamps the session with it. A code counts once: the
 * same one again is refused, in whatever session. Wrong codes are recorded and slow the next ones down.
 *
 * @returns when the session was stamped.
 * @throws ForbiddenError `totp_not_enrolled`, `totp_wrong`, `totp_replayed`; VigilError `totp_locked` (429).
 */
export async function confirmStepUp(
  ctx: VerbContext & { env: Pick<Env, "kek" | "roleKek">; session: OperatorSession | null },
  input: { code: string },
): Promise<{ steppedUpAt: Date }> {
  const { db, now, session } = ctx;
  if (!session)
    throw new ForbiddenError("step_up_needs_session", "An API key has no second factor. Sign in first.");
  const refusal = await db.transaction(async (tx) => {
    const factor = await lockFactor(tx, session.userId);
    if (factor.lockedUntil && factor.lockedUntil > now) throw locked(factor.lockedUntil);
    const step = matchTotp(openTotpSecret(ctx.env, session.userId, factor.secret), input.code, now);
    if (step === null) return refuse(tx, ctx, factor.failures, "totp_wrong");
    if (!(await claimTotpStep(tx, session.userId, step)))
      return refuse(tx, ctx, factor.failures, "totp_replayed");
    await stamp(tx, ctx, session);
    return null;
  });
  if (refusal) throw refusal;
  return { steppedUpAt: now };
}

/** The person's confirmed second factor, locked so that parallel guesses queue up and are all counted. */
async function lockFactor(tx: Tx, userId: string) {
  const [row] = await tx
    .select({
      secret: twoFactors.secret,
      failures: twoFactors.failedVerificationCount,
      lockedUntil: twoFactors.lockedUntil,
    })
    .from(twoFactors)
    .where(and(eq(twoFactors.userId, userId), eq(twoFactors.verified, true)))
    .for("update");
  if (!row)
    throw new ForbiddenError(
      "totp_not_enrolled",
      "You have no second factor yet. Set up an authenticator app under Account first.",
    );
  return { ...row, failures: row.failures ?? 0 };
}

async function refuse(
  tx: Tx,
  ctx: VerbContext & { session: OperatorSession | null },
  before: number,
  code: string,
) {
  const failures = before + 1;
  const lockedUntil = lockedUntilAfter(failures, ctx.now);
  await tx
    .update(twoFactors)
    .set({ failedVerificationCount: failures, lockedUntil })
    .where(eq(twoFactors.userId, ctx.session?.userId ?? ""));
  await appendRecord(tx, {
    kind: "operator.step-up",
    actor: ctx.actor,
    now: ctx.now,
    outcome: "deny",
    details: { method: METHOD, reason: code, failures, lockedUntil: lockedUntil?.toISOString() },
  });
  const message =
    code === "totp_replayed"
      ? "This code was used already. Wait for the next one in your authenticator app."
      : "The code is not right. Enter the six digits that your authenticator app shows now.";
  return new ForbiddenError(code, message, { failures });
}

async function stamp(tx: Tx, ctx: VerbContext, session: OperatorSession): Promise<void> {
  const stamped = await tx
    .update(sessions)
    .set({ steppedUpAt: ctx.now, stepUpMethod: METHOD })
    .where(and(eq(sessions.id, session.id), eq(sessions.userId, session.userId)))
    .returning({ id: sessions.id });
  if (stamped.length === 0)
    throw new ConflictError("session_ended", "This session has ended. Sign in again.");
  await tx
    .update(twoFactors)
    .set({ failedVerificationCount: 0, lockedUntil: null })
    .where(eq(twoFactors.userId, session.userId));
  await appendRecord(tx, {
    kind: "operator.step-up",
    actor: ctx.actor,
    now: ctx.now,
    outcome: "allow",
    details: { method: METHOD },
  });
}

function locked(until: Date): VigilError {
  return new VigilError(
    "totp_locked",
    429,
    `Too many wrong codes. Try again after ${until.toISOString().slice(11, 19)} UTC.`,
    { lockedUntil: until.toISOString() },
  );
}
