import type { Env } from "../env.ts";
import { roleKek } from "../keys/role-kek.ts";
import type { Role } from "./child.ts";

/** Of the supervisor's own secrets, those that a role's process needs; the others never reach it. */
const SECRETS: Record<string, readonly Role[]> = {
  VIGIL_KEK: [],
  DATABASE_OWNER_URL: [],
  VIGIL_DEMO_PASSWORD: [],
  VIGIL_DEMO_TOTP: [],
  VIGIL_DEMO_API_KEY: [],
  VIGIL_AUTH_SECRET: ["console"],
  VIGIL_ROOT_PASSPHRASE: [],
};

/**
 * What a role's process is told: the surroundings it was started in, the addresses it needs, and only its own
 * part of the key-encryption key.
 *
 * @param source the supervisor's environment.
 */
export function childEnv(role: Role, env: Env, source: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const key = env.roleKek ?? (env.kek && roleKek(env.kek, role));
  const told = Object.entries(source).filter(([name]) => SECRETS[name]?.includes(role) ?? true);
  return {
    ...Object.fromEntries(told),
    NODE_ENV: "production",
    NEXT_MANUAL_SIG_HANDLE: "true",
    DATABASE_URL: env.databaseUrl,
    DATABASE_READER_URL: env.readerUrl,
    VIGIL_DATA_DIR: env.dataDir,
    ...(key ? { VIGIL_ROLE_KEK: key.toString("hex") } : {}),
  };
}
