import { z } from "zod";
import { randomSecret } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { emailInput, insertUser, nameInput, passwordHash } from "./insert-user.ts";
import { requirePermission } from "./permissions.ts";
import { rolesInput } from "./roles.ts";
import type { VerbContext } from "./verb-context.ts";

export const createUserInput = z.object({ name: nameInput, email: emailInput, roles: rolesInput });

const TEMPORARY_PASSWORD_BYTES = 15;

/**
 * Creates a person with a temporary password, which is in the answer and nowhere else.
 *
 * @throws ConflictError `email_taken`.
 */
export async function createUser(
  { db, actor, now }: VerbContext,
  input: z.infer<typeof createUserInput>,
): Promise<{ userId: string; temporaryPassword: string }> {
  requirePermission(actor, "users.manage");
  const temporaryPassword = randomSecret(TEMPORARY_PASSWORD_BYTES);
  const hash = await passwordHash(temporaryPassword);
  const userId = await db.transaction(async (tx) => {
    const id = await insertUser(tx, { ...input, passwordHash: hash, now });
    await appendRecord(tx, {
      kind: "user.created",
      actor,
      now,
      outcome: "allow",
      details: { userId: id, email: input.email, roles: input.roles },
      subjects: [input.email],
    });
    return id;
  });
  return { userId, temporaryPassword };
}
