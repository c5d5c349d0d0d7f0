import { and, eq, lt } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { sessions } from "../../db/schema/index.ts";
import type { Actor } from "../kernel/actor.ts";
import { type Auth, SESSION_HOURS_MAX } from "./auth.ts";
import { parseRoles } from "./roles.ts";

/** A signed-in person's session, as the database has it now. */
export type OperatorSession = {
  id: string;
  userId: string;
  userName: string;
  startedAt: Date;
  expiresAt: Date;
  steppedUpAt: Date | null;
  stepUpMethod: string | null;
  /** Whether this person has a second factor enrolled. */
  hasTotp: boolean;
};

type Operator = Extract<Actor, { type: "operator" }>;

/** A session that nobody used for this long is over. */
export const SESSION_IDLE_MINUTES = 120;
const TOUCH_MS = 60_000;

/**
 * The session that the request's cookie names, and who it belongs to; null where it ended, was idle too long,
 * or its person was disabled. Read from the database each time: what is revoked counts at once.
 */
export async function readSession(
  auth: Auth,
  db: Database,
  headers: Headers,
  now: Date,
): Promise<{ actor: Operator; session: OperatorSession } | null> {
  if (!headers.get("cookie")) return null;
  const found = await auth.api.getSession({ headers, query: { disableRefresh: true } });
  if (!found) return null;
  const { session, user } = found;
  if (user.disabledAt || isOver(session, now)) return null;
  if (now.getTime() - session.updatedAt.getTime() > TOUCH_MS) await touch(db, session.id, now);
  return {
    actor: {
      type: "operator",
      id: user.id,
      email: user.email,
      roles: parseRoles(user.roles),
      sessionId: session.id,
    },
    session: {
      id: session.id,
      userId: user.id,
      userName: user.name,
      startedAt: session.createdAt,
      expiresAt: session.expiresAt,
      steppedUpAt: session.steppedUpAt ?? null,
      stepUpMethod: session.stepUpMethod ?? null,
      hasTotp: user.twoFactorEnabled === true,
    },
  };
}

function isOver(session: { createdAt: Date; updatedAt: Date; expiresAt: Date }, now: Date): boolean {
  const at = now.getTime();
  return (
    at >= session.expiresAt.getTime() ||
    at - session.createdAt.getTime() >= SESSION_HOURS_MAX * 3_600_000 ||
    at - session.updatedAt.getTime() >= SESSION_IDLE_MINUTES * 60_000
  );
}

async function touch(db: Database, id: string, now: Date): Promise<void> {
  await db
    .update(sessions)
    .set({ updatedAt: now })
    .where(and(eq(sessions.id, id), lt(sessions.updatedAt, now)));
}
