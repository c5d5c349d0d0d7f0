import type { Database } from "../../db/client.ts";
import type { Env } from "../env.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { roleKekFromEnv } from "../keys/role-kek.ts";

const KEY_NAME = "session";

/** The secret that signs session cookies: the console's own sealed key, the same for every console of the database. */
export async function loadAuthSecret(db: Database, env: Env, now: Date): Promise<string> {
  if (env.authSecret) return env.authSecret;
  const keys = createKeyStore(db, "console", roleKekFromEnv(env, "console"));
  const held = await keys.openOrCreate(KEY_NAME, "secret", now);
  return held.privateKey.export().toString("base64url");
}
