import { and, eq, isNotNull } from "drizzle-orm";
import { users } from "../../db/schema/index.ts";
import { ConflictError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { requirePermission } from "./permissions.ts";
import type { VerbContext } from "./verb-context.ts";

/** Lets a disabled person in again. @throws ConflictError `user_not_disabled`. */
export async function enableUser({ db, actor, now }: VerbContext, input: { userId: string }): Promise<void> {
  requirePermission(actor, "users.manage");
  await db.transaction(async (tx) => {
    const [person] = await tx
      .update(users)
      .set({ disabledAt: null, updatedAt: now })
      .where(and(eq(users.id, input.userId), isNotNull(users.disabledAt)))
      .returning({ id: users.id, email: users.email });
    if (!person)
      throw new ConflictError("user_not_disabled", "There is no such user, or it is not disabled.");
    await appendRecord(tx, {
      kind: "user.enabled",
      actor,
      now,
      outcome: "allow",
      details: { userId: person.id, email: person.email },
      subjects: [person.email],
    });
  });
}
