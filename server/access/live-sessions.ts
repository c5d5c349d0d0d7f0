import { and, eq, gt, inArray, isNull } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { sessions, users } from "../../db/schema/index.ts";
import { SESSION_IDLE_MINUTES } from "./read-session.ts";

/** Which of these sessions still count: there, neither expired nor idle, their people not disabled. One query for all. */
export async function liveSessions(
  db: Database,
  ids: ReadonlySet<string>,
  now: Date,
): Promise<ReadonlySet<string>> {
  if (ids.size === 0) return ids;
  const idleSince = new Date(now.getTime() - SESSION_IDLE_MINUTES * 60_000);
  const rows = await db
    .select({ id: sessions.id })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        inArray(sessions.id, [...ids]),
        gt(sessions.expiresAt, now),
        gt(sessions.updatedAt, idleSince),
        isNull(users.disabledAt),
      ),
    );
  return new Set(rows.map((row) => row.id));
}
