import { and, eq, isNull } from "drizzle-orm";
import { sessions, users } from "../../db/schema/index.ts";
import { ConflictError, ForbiddenError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { requirePermission } from "./permissions.ts";
import type { VerbContext } from "./verb-context.ts";

/**
 * Disables a person: sessions end and API keys stop with this transaction. Nobody disables themselves, so an
 * administrator remains.
 *
 * @throws ForbiddenError `own_account`; ConflictError `user_not_active` where there is none to disable.
 */
export async function disableUser({ db, actor, now }: VerbContext, input: { userId: string }): Promise<void> {
  requirePermission(actor, "users.manage");
  if (actor.type === "operator" && actor.id === input.userId)
    throw new ForbiddenError("own_account", "Nobody disables their own account. Another administrator can.");
  await db.transaction(async (tx) => {
    const [person] = await tx
      .update(users)
      .set({ disabledAt: now, updatedAt: now })
      .where(and(eq(users.id, input.userId), isNull(users.disabledAt)))
      .returning({ id: users.id, email: users.email });
    if (!person)
      throw new ConflictError("user_not_active", "There is no such user, or it is disabled already.");
    const ended = await tx
      .delete(sessions)
      .where(eq(sessions.userId, person.id))
      .returning({ id: sessions.id });
    await appendRecord(tx, {
      kind: "user.disabled",
      actor,
      now,
      outcome: "allow",
      details: { userId: person.id, email: person.email, sessionsEnded: ended.length },
      subjects: [person.email],
    });
  });
}
