import type { Logger } from "pino";
import type { Topic } from "../../db/listen.ts";
import { describeError } from "../kernel/describe-error.ts";
import type { Duty } from "./duty.ts";
import { createInterruptibleSleep } from "./interruptible-sleep.ts";
import { keepLease } from "./keep-lease.ts";
import type { Lease } from "./lease.ts";
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
  const said: Said = { state: "starting", runs: 0, failures: 0, lastError: null };
  let failuresInRow = 0;

  const loop = async () => {
    while (!pause.closed()) {
      let next: Next;
      try {
        next = await runOnce(duty, { ...context, log }, await kept.current(), said);
        failuresInRow = 0;
      } catch (error) {
        failuresInRow += 1;
        if ((error as { code?: string }).code === "lease_lost") kept.drop();
        next = { waitMs: noteFailure(error, failuresInRow, said, log), deaf: true };
      }
      const restMs = Math.min(duty.restMs ?? 0, next.waitMs);
      // What rings meanwhile is kept, so nothing is missed.
      if (restMs > 0) await pause.sleep(restMs, { deaf: true });
      await pause.sleep(next.waitMs - restMs, { deaf: next.deaf });
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

type Said = Record<string, unknown> & { runs: number; failures: number };
/** How long to wait for the next run, and whether notices shorten that. */
type Next = { waitMs: number; deaf: boolean };

async function runOnce(duty: Duty, context: WorkerContext, lease: Lease | null, said: Said): Promise<Next> {
  if (!lease) {
    said.state = "standby";
    return { waitMs: TAKE_LEASE_MS, deaf: true };
  }
  const now = new Date();
  const publish = (words: Record<string, unknown>) => void Object.assign(said, words);
  const { more } = await duty.run({ ...context, now, lease, publish });
  Object.assign(said, {
    state: "running",
    runs: said.runs + 1,
    lastRunAt: now.toISOString(),
    epoch: lease.epoch,
  });
  return { waitMs: more ? 0 : duty.everyMs, deaf: false };
}

function noteFailure(error: unknown, failuresInRow: number, said: Said, log: Logger): number {
  const waitMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(failuresInRow - 1, 30));
  const lastError = wordsOf(error);
  Object.assign(said, {
    state: "failing",
    failures: said.failures + 1,
    lastError,
    lastErrorAt: new Date().toISOString(),
  });
  log.error({ err: error, failuresInRow, waitMs }, "a run failed");
  return waitMs;
}

/** What the screens show of a failure: never a query's values, which a driver writes into its message. */
function wordsOf(error: unknown): string {
  return describeError(error)
    .map(({ type, message, code }) => [message ?? type, code && `(${code})`].filter(Boolean).join(" "))
    .join(": ");
}
