import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { betterAuth } from "better-auth/minimal";
import type { Database, Tx } from "../../db/client.ts";
import { accounts, sessions, users, verifications } from "../../db/schema/index.ts";
import type { Env } from "../env.ts";
import { log } from "./log.ts";

/** A session ends for good this long after sign-in (NIST SP 800-63B AAL2: at most 12 h). */
export const SESSION_HOURS_MAX = 12;
export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 128;

/** better-auth's own endpoints that the console answers; its others stay shut. */
export const AUTH_PATHS = ["/sign-in/email", "/sign-out", "/get-session"] as const;

/**
 * People's sign-in over the tables of db/schema/access. Given a transaction, everything it writes is part of
 * it. Nobody signs up by themselves; sessions are read from the database each time, so that an end is an end.
 */
export function createAuth(db: Database | Tx, env: Pick<Env, "publicUrl">, secret: string) {
  const secure = env.publicUrl.startsWith("https://");
  return betterAuth({
    appName: "Vigil",
    baseURL: env.publicUrl,
    basePath: "/api/auth",
    secret,
    telemetry: { enabled: false },
    database: drizzleAdapter(db, {
      provider: "pg",
      schema: { user: users, session: sessions, account: accounts, verification: verifications },
      transaction: false,
    }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
    },
    user: {
      additionalFields: {
        roles: { type: "string", input: false, defaultValue: "" },
        disabledAt: { type: "date", input: false, required: false },
        twoFactorEnabled: { type: "boolean", input: false, required: false },
      },
    },
    session: {
      expiresIn: SESSION_HOURS_MAX * 3600,
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
      additionalFields: {
        steppedUpAt: { type: "date", input: false, required: false },
        stepUpMethod: { type: "string", input: false, required: false },
      },
    },
    /** Failed attempts are limited per account in sign-in.ts, before this is asked. */
    rateLimit: { enabled: false },
    advanced: {
      useSecureCookies: false,
      cookies: { session_token: { name: secure ? "__Host-vigil_session" : "vigil_session" } },
      defaultCookieAttributes: { secure, httpOnly: true, sameSite: "lax", path: "/" },
    },
    logger: {
      level: "error",
      log: (level, message) => log[level === "error" ? "error" : "warn"]({ from: "better-auth" }, message),
    },
  });
}

export type Auth = ReturnType<typeof createAuth>;
