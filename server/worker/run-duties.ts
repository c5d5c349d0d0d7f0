import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import { listen } from "../../db/listen.ts";
import type { Env } from "../env.ts";
import type { KeyStore } from "../keys/key-store.ts";
import type { Duty } from "./duty.ts";
import { type RunningDuty, runDuty } from "./run-duty.ts";

/** What the worker process gives to its duties. */
export type WorkerContext = { db: Database; env: Env; keys: KeyStore; log: Logger; processId: string };

/**
 * Runs every duty under its own lease: at least each `everyMs`, and at once when a topic it wakes for is
 * committed. After a lost connection all of them run, since notices sent meanwhile are gone.
 *
 * @returns `said`, what each duty publishes of itself, and `close`, which lets current runs end and gives
 * the leases back.
 */
export function runDuties(
  duties: readonly Duty[],
  context: WorkerContext,
): { said: () => Record<string, unknown>; close: () => Promise<void> } {
  const running: RunningDuty[] = duties.map((duty) => runDuty(duty, context));
  const listener = listen(context.env.databaseUrl, {
    onNotice: ({ topic }) => {
      for (const duty of running) if (duty.wakes.has(topic)) duty.wake();
    },
    onReconnect: () => {
      for (const duty of running) duty.wake();
    },
  });
  return {
    said: () => Object.fromEntries(running.map((duty) => [duty.name, duty.said()])),
    close: async () => {
      await listener.close();
      await Promise.all(running.map((duty) => duty.close()));
    },
  };
}
