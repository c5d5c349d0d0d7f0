import { setTimeout as wait } from "node:timers/promises";
import { type EmbeddedDatabase, startEmbedded } from "../../db/embedded.ts";
import { migrateDatabase } from "../../db/migrate.ts";
import { type Env, readEnv } from "../env.ts";

/** The database under a running system; `env` has its addresses, which change when the embedded one restarts. */
export type RunningDatabase = {
  env: () => Env;
  onMoved: (moved: () => void) => void;
  stop: () => Promise<void>;
};

const RESTART_MS = 500;
const RESTART_MS_MAX = 15_000;

/** Starts the embedded PostgreSQL unless one was given, keeps it running, and brings its schema up to date. */
export async function startDatabase(asked: Env, say: (line: string) => void): Promise<RunningDatabase> {
  const moved: (() => void)[] = [];
  let stopping = false;
  let server: EmbeddedDatabase | null = null;
  let env = asked;

  const start = async () => {
    server = await startEmbedded(asked.dataDir, {}, portOf(env.databaseUrl));
    env = readEnv();
    void server.exited.then(startAgain);
  };

  const startAgain = async () => {
    for (let pauseMs = RESTART_MS; !stopping; pauseMs = Math.min(pauseMs * 2, RESTART_MS_MAX)) {
      say("PostgreSQL ended; starting it again");
      await wait(pauseMs);
      if (stopping) return;
      const before = env.databaseUrl;
      try {
        await start();
        if (env.databaseUrl !== before) for (const tell of moved) tell();
        return;
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
      }
    }
  };

  if (asked.embedded) {
    say("starting PostgreSQL");
    await start();
  }
  await migrateDatabase(env.ownerUrl, rolesOf(env));
  return {
    env: () => env,
    onMoved: (tell) => moved.push(tell),
    stop: async () => {
      stopping = true;
      await server?.stop();
    },
  };
}

function portOf(url: string): number | undefined {
  return url ? Number(new URL(url).port) : undefined;
}

function rolesOf(env: Env): { app: string | null; reader: string | null } {
  const user = (url: string) => decodeURIComponent(new URL(url).username);
  const owner = user(env.ownerUrl);
  const other = (url: string) => (user(url) === owner ? null : user(url));
  return { app: other(env.databaseUrl), reader: other(env.readerUrl) };
}
