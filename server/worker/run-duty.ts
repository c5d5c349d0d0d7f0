import type { Topic } from "../../db/listen.ts";
import type { Duty } from "./duty.ts";
import { createInterruptibleSleep } from "./interruptible-sleep.ts";
import { keepLease } from "./keep-lease.ts";
import type { WorkerContext } from "./run-duties.ts";

const BACKOFF_MS_MIN = 250;
const BACKOFF_MS_MAX = 15_000;
const TAKE_LEASE_MS = 1_000;

export type RunningDuty = {
  name: string;
  wakes: ReadonlySet<Topic>;
  wake: () => void;
  said: () => Record<string, unknown>;
  close: () => Promise<void>;
};

/**
 * Runs one duty for as long as the process lives and holds its lease. A run that fails is logged and tried
 * again after a growing pause that notices do not shorten; it never ends the worker.
 */
export function runDuty(duty: Duty, context: WorkerContext): RunningDuty {
  const log = context.log.child({ duty: duty.name });
  const pause = createInterruptibleSleep();
  const kept = keepLease(context.db, duty.name, context.processId, log);
  const said: Record<string, unknown> = { state: "starting", runs: 0, failures: 0, lastError: null };
  let failuresInRow = 0;

  const once = async (): Promise<number> => {
    const lease = await kept.current();
    if (!lease) {
      said.state = "standby";
      return TAKE_LEASE_MS;
    }
    const now = new Date();
    const { more } = await duty.run({
      ...context,
      log,
      now,
      lease,
      publish: (words) => Object.assign(said, words),
    });
    failuresInRow = 0;
    Object.assign(said, {
      state: "running",
      runs: Number(said.runs) + 1,
      lastRunAt: now.toISOString(),
      epoch: lease.epoch,
    });
    return more ? 0 : duty.everyMs;
  };

  const failed = (error: unknown): number => {
    failuresInRow += 1;
    const message = error instanceof Error ? error.message : String(error);
    const waitMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (failuresInRow - 1));
    Object.assign(said, {
      state: "failing",
      failures: Number(said.failures) + 1,
      lastError: message,
      lastErrorAt: new Date().toISOString(),
    });
    if ((error as { code?: string }).code === "lease_lost") kept.drop();
    log.error({ err: error, failuresInRow, waitMs }, "a run failed");
    return waitMs;
  };

  const loop = async () => {
    while (!pause.closed()) {
      let waitMs: number;
      let deaf = false;
      try {
        waitMs = await once();
        deaf = said.state === "standby";
      } catch (error) {
        waitMs = failed(error);
        deaf = true;
      }
      await pause.sleep(waitMs, { deaf });
    }
    await kept.close();
  };

  const ended = loop();
  return {
    name: duty.name,
    wakes: new Set(duty.wakes),
    wake: pause.ring,
    said: () => said,
    close: () => {
      pause.close();
      return ended;
    },
  };
}
