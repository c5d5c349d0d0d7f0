import { eq } from "drizzle-orm";
import { sessions } from "../../db/schema/index.ts";
import { ForbiddenError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import type { VerbContext } from "./verb-context.ts";

/**
 * Ends the caller's own session at once: its row goes, so the cookie opens nothing any more.
 *
 * @throws ForbiddenError `no_session` for an API key, which is revoked instead.
 */
export async function signOut({ db, actor, now }: VerbContext): Promise<void> {
  const sessionId = actor.type === "operator" ? actor.sessionId : null;
  if (!sessionId)
    throw new ForbiddenError(
      "no_session",
      "There is no session to end. An API key is revoked under Account.",
    );
  await db.transaction(async (tx) => {
    await tx.delete(sessions).where(eq(sessions.id, sessionId));
    await appendRecord(tx, { kind: "operator.signed-out", actor, now, outcome: "allow" });
  });
}
