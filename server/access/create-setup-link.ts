import { isNull, sql } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { setupLinks, users } from "../../db/schema/index.ts";
import { ConflictError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import { randomSecret } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";

const LINK_HOURS = 24;
/** Whoever looks at "are there users yet" to act on it takes this lock first. */
export const FIRST_USER_LOCK = 0x66697273;

/**
 * A one-time token for the page that creates the first administrator; only its hash is kept, and an earlier
 * unused one stops counting.
 *
 * @throws ConflictError `already_set_up` once there is a user.
 */
export async function createSetupLink(db: Database, now: Date): Promise<string> {
  const token = randomSecret();
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${FIRST_USER_LOCK})`);
    if ((await tx.$count(users)) > 0)
      throw new ConflictError("already_set_up", "This console has users already. Sign in.");
    await tx.delete(setupLinks).where(isNull(setupLinks.usedAt));
    const expiresAt = new Date(now.getTime() + LINK_HOURS * 3_600_000);
    await tx.insert(setupLinks).values({ tokenHash: sha256(token), createdAt: now, expiresAt });
    await appendRecord(tx, {
      kind: "setup-link.created",
      actor: { type: "system", id: "setup" },
      now,
      outcome: "allow",
      details: { expiresAt: expiresAt.toISOString() },
    });
  });
  return token;
}
