import { and, asc, eq, gt, isNull, max } from "drizzle-orm";
import { apiKeys, sessions, users } from "../../db/schema/index.ts";
import type { Role } from "./permissions.ts";
import { permits, requirePermission } from "./permissions.ts";
import { parseRoles } from "./roles.ts";
import type { VerbContext } from "./verb-context.ts";

export type ListedUser = { id: string; name: string; email: string; roles: Role[]; disabled: boolean };

const USERS_MAX = 1000;

/** Everybody by name: whom one may assign, and who holds which role. */
export async function listUsers({ db, actor }: VerbContext): Promise<ListedUser[]> {
  requirePermission(actor, "agents.read");
  const rows = await db.select().from(users).orderBy(asc(users.name), asc(users.id)).limit(USERS_MAX);
  return rows.map(({ id, name, email, roles, disabledAt }) => ({
    id,
    name,
    email,
    roles: parseRoles(roles),
    disabled: disabledAt !== null,
  }));
}

export type ManagedUser = ListedUser & { hasTotp: boolean; createdAt: Date; lastSeenAt: Date | null };

/** Everybody with what those who manage users need beside. */
export async function listManagedUsers({ db, actor, now }: VerbContext): Promise<ManagedUser[]> {
  requirePermission(actor, "users.manage");
  const rows = await db
    .select({ user: users, lastSeenAt: max(sessions.updatedAt) })
    .from(users)
    .leftJoin(sessions, and(eq(sessions.userId, users.id), gt(sessions.expiresAt, now)))
    .groupBy(users.id)
    .orderBy(asc(users.name), asc(users.id))
    .limit(USERS_MAX);
  return rows.map(({ user, lastSeenAt }) => ({
    id: user.id,
    name: user.name,
    email: user.email,
    roles: parseRoles(user.roles),
    disabled: user.disabledAt !== null,
    hasTotp: user.twoFactorEnabled === true,
    createdAt: user.createdAt,
    lastSeenAt: lastSeenAt ? new Date(lastSeenAt) : null,
  }));
}

export type ListedApiKey = {
  id: string;
  name: string;
  owner: string;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
};

/** Live API keys: one's own, or everybody's for those who manage users. Never the keys themselves. */
export async function listApiKeys({ db, actor }: VerbContext): Promise<ListedApiKey[]> {
  const all = actor.type === "operator" && permits(actor.roles, "users.manage");
  if (actor.type !== "operator") return [];
  const rows = await db
    .select({ key: apiKeys, owner: users.email })
    .from(apiKeys)
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(and(isNull(apiKeys.revokedAt), all ? undefined : eq(apiKeys.userId, actor.id)))
    .orderBy(asc(apiKeys.createdAt))
    .limit(USERS_MAX);
  return rows.map(({ key, owner }) => ({
    id: key.id,
    name: key.name,
    owner,
    createdAt: key.createdAt,
    expiresAt: key.expiresAt,
    lastUsedAt: key.lastUsedAt,
  }));
}
