import { randomBytes } from "node:crypto";
import { verifyPassword } from "better-auth/crypto";
import { and, eq } from "drizzle-orm";
import type { Database, Tx } from "../../db/client.ts";
import { accounts, apiKeys, twoFactors, users } from "../../db/schema/index.ts";
import type { Env } from "../env.ts";
import { InvalidInputError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import { randomSecret, uuidv7 } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { base32Decode, base32Encode } from "./engine/totp.ts";
import { insertUser, passwordHash, updatePassword } from "./insert-user.ts";
import type { Role } from "./permissions.ts";
import { openTotpSecret, sealTotpSecret } from "./totp-secret.ts";

/** The demo bank's people: one role each. */
export const DEMO_ACCOUNTS: readonly { email: string; name: string; role: Role }[] = [
  { email: "analyst@demo.bank", name: "Ana Lindqvist", role: "analyst" },
  { email: "approver1@demo.bank", name: "Priya Raman", role: "approver" },
  { email: "approver2@demo.bank", name: "Tomás Ibarra", role: "approver" },
  { email: "compliance@demo.bank", name: "Claire Okafor", role: "compliance" },
  { email: "auditor@demo.bank", name: "Jonas Weber", role: "auditor" },
  { email: "admin@demo.bank", name: "Mei Tanaka", role: "admin" },
];
const API_KEY_OWNER = "admin@demo.bank";
const API_KEY_NAME = "Demo";

/** Null where a value was made in an earlier run and only its hash is kept. */
export type DemoCredentials = {
  password: string | null;
  totp: string;
  apiKey: string | null;
  accounts: { id: string; email: string; name: string; role: Role }[];
};

type DemoEnv = Pick<Env, "demo" | "kek" | "roleKek">;

/**
 * The demo's accounts, all with one password and one TOTP seed, and an API key of the administrator: from the
 * environment where it says so, random otherwise. Called again it keeps what is there, unless the environment
 * names something else.
 *
 * @throws InvalidInputError `demo_totp_invalid` where VIGIL_DEMO_TOTP is not base32.
 */
export async function seedDemoUsers(db: Database, env: DemoEnv, now: Date): Promise<DemoCredentials> {
  const wanted = env.demo.password ?? randomSecret(12);
  const hash = await passwordHash(wanted);
  const stale = await passwordIsStale(db, env.demo.password);
  return await db.transaction(async (tx) => {
    const seed = await demoSeed(tx, env);
    let made = 0;
    const people: DemoCredentials["accounts"] = [];
    for (const account of DEMO_ACCOUNTS) {
      const [found] = await tx.select({ id: users.id }).from(users).where(eq(users.email, account.email));
      const id =
        found?.id ?? (await insertUser(tx, { ...account, roles: [account.role], passwordHash: hash, now }));
      if (!found) made++;
      else if (stale) await updatePassword(tx, { userId: id, passwordHash: hash, now });
      await enrol(tx, env, id, seed);
      people.push({ id, ...account });
    }
    const owner = people.find(({ email }) => email === API_KEY_OWNER);
    const apiKey = owner ? await demoApiKey(tx, owner.id, env.demo.apiKey, now) : null;
    if (made > 0 || stale || apiKey?.isNew)
      await appendRecord(tx, {
        kind: "demo.users-seeded",
        actor: { type: "system", id: "demo" },
        now,
        outcome: "allow",
        details: { accounts: people.map(({ email, role }) => ({ email, role })), made },
      });
    const known = env.demo.password ?? (made === DEMO_ACCOUNTS.length ? wanted : null);
    return { password: known, totp: base32Encode(seed), apiKey: apiKey?.key ?? null, accounts: people };
  });
}

/** Whether the environment names a password that the accounts there are do not have. */
async function passwordIsStale(db: Database, password: string | null): Promise<boolean> {
  if (!password) return false;
  const [row] = await db
    .select({ hash: accounts.password })
    .from(accounts)
    .innerJoin(users, eq(users.id, accounts.userId))
    .where(and(eq(users.email, API_KEY_OWNER), eq(accounts.providerId, "credential")));
  return row?.hash ? !(await verifyPassword({ hash: row.hash, password })) : false;
}

async function demoSeed(tx: Tx, env: DemoEnv): Promise<Buffer> {
  if (env.demo.totp) {
    const seed = base32Decode(env.demo.totp);
    if (seed) return seed;
    throw new InvalidInputError("demo_totp_invalid", "VIGIL_DEMO_TOTP is not base32 (A–Z, 2–7).");
  }
  const [row] = await tx
    .select({ userId: users.id, secret: twoFactors.secret })
    .from(twoFactors)
    .innerJoin(users, eq(users.id, twoFactors.userId))
    .where(eq(users.email, API_KEY_OWNER));
  return row ? openTotpSecret(env, row.userId, row.secret) : randomBytes(20);
}

async function enrol(tx: Tx, env: DemoEnv, userId: string, seed: Buffer): Promise<void> {
  const secret = sealTotpSecret(env, userId, seed);
  await tx
    .insert(twoFactors)
    .values({ id: userId, userId, secret, backupCodes: "", verified: true })
    .onConflictDoUpdate({ target: twoFactors.id, set: { secret, verified: true } });
  await tx.update(users).set({ twoFactorEnabled: true }).where(eq(users.id, userId));
}

async function demoApiKey(
  tx: Tx,
  userId: string,
  wanted: string | null,
  now: Date,
): Promise<{ key: string | null; isNew: boolean }> {
  const own = and(eq(apiKeys.userId, userId), eq(apiKeys.name, API_KEY_NAME));
  const [found] = await tx.select({ keyHash: apiKeys.keyHash }).from(apiKeys).where(own);
  if (found && !wanted) return { key: null, isNew: false };
  const key = wanted ?? `vk_${randomSecret()}`;
  const keyHash = sha256(key);
  if (found?.keyHash.equals(keyHash)) return { key, isNew: false };
  await tx.delete(apiKeys).where(own);
  await tx
    .insert(apiKeys)
    .values({ id: uuidv7(now.getTime()), userId, name: API_KEY_NAME, keyHash, createdAt: now });
  return { key, isNew: true };
}
