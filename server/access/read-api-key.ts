import { and, eq, gt, isNull, lt, or } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { apiKeys, users } from "../../db/schema/index.ts";
import type { Actor } from "../kernel/actor.ts";
import { sha256 } from "../kernel/hash.ts";
import { parseRoles } from "./roles.ts";

const TOUCH_MS = 60_000;
const KEY_LENGTH_MAX = 256;

/** The Bearer token of a request; null where the request carries none. */
export function bearerToken(headers: Headers): string | null {
  return /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

/**
 * Who an API key speaks for: its owner, with the roles the owner has now. Null where the key is unknown,
 * revoked or expired, or its owner was disabled. Only the key's hash is kept, and it is looked up by that.
 */
export async function readApiKey(
  db: Database,
  token: string,
  now: Date,
): Promise<Extract<Actor, { type: "operator" }> | null> {
  if (token.length > KEY_LENGTH_MAX) return null;
  const [row] = await db
    .select({ id: apiKeys.id, lastUsedAt: apiKeys.lastUsedAt, user: users })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(
      and(
        eq(apiKeys.keyHash, sha256(token)),
        isNull(apiKeys.revokedAt),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)),
        isNull(users.disabledAt),
      ),
    );
  if (!row) return null;
  if (!row.lastUsedAt || now.getTime() - row.lastUsedAt.getTime() > TOUCH_MS)
    await db
      .update(apiKeys)
      .set({ lastUsedAt: now })
      .where(and(eq(apiKeys.id, row.id), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, now))));
  return {
    type: "operator",
    id: row.user.id,
    email: row.user.email,
    roles: parseRoles(row.user.roles),
    sessionId: null,
    apiKeyId: row.id,
  };
}
