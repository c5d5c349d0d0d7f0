import { randomBytes } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { twoFactors } from "../../db/schema/index.ts";
import type { Env } from "../env.ts";
import { ConflictError, ForbiddenError } from "../kernel/errors.ts";
import { base32Encode, TOTP_DIGITS, TOTP_STEP_SECONDS } from "./engine/totp.ts";
import type { OperatorSession } from "./read-session.ts";
import { sealTotpSecret } from "./totp-secret.ts";
import type { VerbContext } from "./verb-context.ts";

const SEED_BYTES = 20;

/**
 * Starts a person's second factor: a new seed, shown once, that counts for nothing until a code from it is
 * confirmed. A confirmed one is never replaced this way; an administrator takes it away first.
 *
 * @throws ForbiddenError `step_up_needs_session`; ConflictError `totp_enrolled`.
 */
export async function enrolTotp(
  ctx: VerbContext & { env: Pick<Env, "kek" | "roleKek">; session: OperatorSession | null },
): Promise<{ secret: string; uri: string }> {
  const { db, actor, session } = ctx;
  if (!session || actor.type !== "operator")
    throw new ForbiddenError("step_up_needs_session", "An API key has no second factor. Sign in first.");
  const seed = randomBytes(SEED_BYTES);
  const secret = sealTotpSecret(ctx.env, session.userId, seed);
  const written = await db
    .insert(twoFactors)
    .values({ id: session.userId, userId: session.userId, secret, backupCodes: "", verified: false })
    .onConflictDoUpdate({
      target: twoFactors.id,
      set: { secret, failedVerificationCount: 0, lockedUntil: null },
      setWhere: and(eq(twoFactors.verified, false)),
    })
    .returning({ id: twoFactors.id });
  if (written.length === 0)
    throw new ConflictError(
      "totp_enrolled",
      "You have a second factor already. An administrator can take it away so that you can set up another.",
    );
  const base32 = base32Encode(seed);
  const label = encodeURIComponent(`Vigil:${actor.email}`);
  return {
    secret: base32,
    uri: `otpauth://totp/${label}?secret=${base32}&issuer=Vigil&digits=${TOTP_DIGITS}&period=${TOTP_STEP_SECONDS}`,
  };
}
