import { createDatabase, type Database } from "../../db/client.ts";
import { type Auth, createAuth } from "../access/auth.ts";
import { loadAuthSecret } from "../access/load-auth-secret.ts";
import { log } from "../access/log.ts";
import { type Env, readEnv } from "../env.ts";
import { createEventHub } from "./event-hub.ts";
import { createLiveStreams, type LiveStreams } from "./live-streams.ts";

/** What one console process holds for all requests. */
export type Runtime = {
  env: Env;
  db: Database;
  /** People's sign-in; made at first use, since its secret is opened from the database. */
  auth: () => Promise<Auth>;
  /** The browsers' event streams, over the one LISTEN connection of this process. */
  live: LiveStreams;
  authSecret: () => Promise<string>;
};

const POOL_SIZE = 20;
const holder = globalThis as typeof globalThis & { vigilConsole?: Runtime };

/** The process's runtime, made at the first request: Next loads modules more than once, so it is kept globally. */
export function getRuntime(): Runtime {
  holder.vigilConsole ??= makeRuntime();
  return holder.vigilConsole;
}

function makeRuntime(): Runtime {
  const env = readEnv();
  log.level = env.logLevel;
  const db = createDatabase(env.databaseUrl, { applicationName: "vigil-console", poolSize: POOL_SIZE });
  const authSecret = keepFirst(() => loadAuthSecret(db, env, new Date()));
  return {
    env,
    db,
    authSecret,
    auth: keepFirst(async () => createAuth(db, env, await authSecret())),
    live: createLiveStreams(db, createEventHub(env.databaseUrl)),
  };
}

/** Makes a thing once; a failure is not kept, so that the next caller tries again. */
function keepFirst<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    if (made) return made;
    const attempt = make();
    made = attempt;
    attempt.catch(() => {
      made = null;
    });
    return attempt;
  };
}
