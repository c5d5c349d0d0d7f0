import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { users } from "../../db/schema/index.ts";
import { ConflictError, ForbiddenError, NotFoundError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { requirePermission } from "./permissions.ts";
import { formatRoles, parseRoles, rolesInput } from "./roles.ts";
import type { VerbContext } from "./verb-context.ts";

export const changeRolesInput = z.object({ userId: z.string().max(64), roles: rolesInput });

/**
 * Gives a person other roles; they count from the next request on. Nobody changes their own.
 *
 * @throws ForbiddenError `own_roles`; NotFoundError `user_unknown`; ConflictError `roles_changed`.
 */
export async function changeRoles(
  { db, actor, now }: VerbContext,
  input: z.infer<typeof changeRolesInput>,
): Promise<void> {
  requirePermission(actor, "users.manage");
  if (actor.type === "operator" && actor.id === input.userId)
    throw new ForbiddenError("own_roles", "Nobody changes their own roles. Another administrator can.");
  await db.transaction(async (tx) => {
    const [person] = await tx.select().from(users).where(eq(users.id, input.userId));
    if (!person) throw new NotFoundError("user_unknown", "There is no such user.");
    const changed = await tx
      .update(users)
      .set({ roles: formatRoles(input.roles), updatedAt: now })
      .where(and(eq(users.id, person.id), eq(users.roles, person.roles)))
      .returning({ id: users.id });
    if (changed.length === 0)
      throw new ConflictError(
        "roles_changed",
        "Somebody changed these roles at the same moment. Look again.",
      );
    await appendRecord(tx, {
      kind: "user.roles-changed",
      actor,
      now,
      outcome: "allow",
      details: { userId: person.id, email: person.email, from: parseRoles(person.roles), to: input.roles },
      subjects: [person.email],
    });
  });
}
