import { createDatabase } from "../../db/client.ts";
import { listen } from "../../db/listen.ts";
import type { Env } from "../env.ts";
import { serveRoot } from "../flows/serve-root.ts";

/** The root's list ages whether or not anybody asks for anything. */
const LOOK_MS = 60_000;

/**
 * Answers for the root while it is online: certifies the authorities that people ask for and keeps the root's
 * revocation list fresh. With the root offline nothing is started; `vigil authority sign` does it then.
 */
export async function keepRoot(
  env: Env,
  say: (line: string) => void,
): Promise<{ stop: () => Promise<void> }> {
  const { kek } = env;
  if (!kek || env.rootOffline) {
    say("the root is offline: new authorities wait for `npx --no vigil authority sign`");
    return { stop: async () => undefined };
  }
  const db = createDatabase(env.ownerUrl, { applicationName: "vigil-root", poolSize: 2 });
  let serving: Promise<void> = Promise.resolve();
  const serve = () => {
    serving = serving.then(async () => {
      try {
        await serveRoot(db, kek, new Date());
      } catch (error) {
        say(`the root could not be served: ${error instanceof Error ? error.message : error}`);
      }
    });
  };
  const listener = listen(env.ownerUrl, {
    onNotice: ({ topic, key }) => {
      if (topic === "certificate" && key === "authority") serve();
    },
    onReconnect: serve,
  });
  const timer = setInterval(serve, LOOK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await listener.close();
      await serving;
      await db.$client.end();
    },
  };
}
