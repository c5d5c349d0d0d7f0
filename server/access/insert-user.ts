import { hashPassword } from "better-auth/crypto";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { isUniqueViolation, type Tx } from "../../db/client.ts";
import { accounts, users } from "../../db/schema/index.ts";
import { ConflictError } from "../kernel/errors.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "./auth.ts";
import type { Role } from "./permissions.ts";
import { formatRoles } from "./roles.ts";

export const emailInput = z.email("A whole e-mail address, such as name@bank.example").max(254).toLowerCase();
export const nameInput = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{C}]+$/u, "without control or invisible characters");
export const passwordInput = z
  .string()
  .min(PASSWORD_LENGTH_MIN, `at least ${PASSWORD_LENGTH_MIN} characters`)
  .max(PASSWORD_LENGTH_MAX);

/** scrypt, as sign-in verifies it. Takes some 100 ms: call it before opening a transaction. */
export const passwordHash = hashPassword;

/**
 * A person with a password, in the caller's transaction; the caller writes the record.
 *
 * @returns the new user's id.
 * @throws ConflictError `email_taken`.
 */
export async function insertUser(
  tx: Tx,
  input: { name: string; email: string; roles: readonly Role[]; passwordHash: string; now: Date },
): Promise<string> {
  const { name, email, now } = input;
  const id = uuidv7(now.getTime());
  try {
    await tx.transaction((inner) =>
      inner.insert(users).values({
        id,
        name,
        email,
        emailVerified: true,
        roles: formatRoles(input.roles),
        createdAt: now,
        updatedAt: now,
      }),
    );
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new ConflictError("email_taken", `There is a user with the address ${email} already.`);
  }
  await tx.insert(accounts).values({
    id: uuidv7(now.getTime()),
    accountId: id,
    providerId: "credential",
    userId: id,
    password: input.passwordHash,
    createdAt: now,
    updatedAt: now,
  });
  return id;
}

/** Sets a person's password, in the caller's transaction. */
export async function updatePassword(
  tx: Tx,
  input: { userId: string; passwordHash: string; now: Date },
): Promise<void> {
  await tx
    .update(accounts)
    .set({ password: input.passwordHash, updatedAt: input.now })
    .where(sql`${eq(accounts.userId, input.userId)} and ${eq(accounts.providerId, "credential")}`);
}
