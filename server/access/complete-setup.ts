import { and, eq, gt, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "../../db/client.ts";
import { setupLinks, users } from "../../db/schema/index.ts";
import { ConflictError, ForbiddenError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { FIRST_USER_LOCK } from "./create-setup-link.ts";
import { emailInput, insertUser, nameInput, passwordHash, passwordInput } from "./insert-user.ts";

export const completeSetupInput = z.object({
  token: z.string().min(20).max(100),
  name: nameInput,
  email: emailInput,
  password: passwordInput,
});

/**
 * Creates the first administrator from the one-time link. However many call at once, one succeeds.
 *
 * @throws ForbiddenError `setup_link_invalid` for a wrong, used or expired link; ConflictError `already_set_up`.
 */
export async function completeSetup(
  { db, now }: { db: Database; now: Date },
  input: z.infer<typeof completeSetupInput>,
): Promise<{ userId: string }> {
  await refuseStrangers(db, input.token, now);
  const hash = await passwordHash(input.password);
  return await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${FIRST_USER_LOCK})`);
    if ((await tx.$count(users)) > 0)
      throw new ConflictError("already_set_up", "This console has users already. Sign in.");
    const used = await tx
      .update(setupLinks)
      .set({ usedAt: now })
      .where(usable(input.token, now))
      .returning({ tokenHash: setupLinks.tokenHash });
    if (used.length === 0) throw invalid();
    const { name, email } = input;
    const userId = await insertUser(tx, { name, email, roles: ["admin"], passwordHash: hash, now });
    await appendRecord(tx, {
      kind: "user.created",
      actor: { type: "system", id: "setup" },
      now,
      outcome: "allow",
      details: { userId, email, roles: ["admin"], by: "set-up link" },
      subjects: [email],
    });
    return { userId };
  });
}

/** Before the costly hash: nobody without a good link makes the server work. */
async function refuseStrangers(db: Database, token: string, now: Date): Promise<void> {
  const [link] = await db.select().from(setupLinks).where(usable(token, now));
  if (!link) throw invalid();
}

function usable(token: string, now: Date) {
  return and(
    eq(setupLinks.tokenHash, sha256(token)),
    isNull(setupLinks.usedAt),
    gt(setupLinks.expiresAt, now),
  );
}

function invalid(): ForbiddenError {
  return new ForbiddenError(
    "setup_link_invalid",
    "This set-up link does not count: it was used, replaced or is older than a day. Restart Vigil; the terminal prints a new one.",
  );
}
