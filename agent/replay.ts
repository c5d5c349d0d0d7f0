import { setTimeout as wait } from "node:timers/promises";
import type { Action } from "../server/layers/monitoring/action.ts";

/** How recorded actions are given to the present. */
export type ReplayOptions = {
  /** Move instants to the present: see `rebase`. */
  rebaseToNow: boolean;
  /** Send as fast as it was recorded, times this; null for as fast as it goes. */
  pace: number | null;
  batchMax: number;
  /** An action waits this long for others at most. */
  lingerMs: number;
  now: () => Date;
};

/**
 * Groups actions into batches to be reported one after the other. With a pace, each action is held until it
 * is due: recorded gaps divided by the pace, from now on. No batch waits longer than `lingerMs` for more.
 */
export async function* replay(
  actions: AsyncIterable<Action>,
  options: ReplayOptions,
): AsyncGenerator<Action[]> {
  const { batchMax, lingerMs, pace, now } = options;
  const source = actions[Symbol.asyncIterator]();
  let batch: Action[] = [];
  let sinceMs = 0;
  let origin: Origin | null = null;
  const flush = (): Action[] => {
    const full = origin ? rebase(batch, options, origin) : batch;
    batch = [];
    return full;
  };
  for (let pending = source.next(); ; ) {
    const patienceMs = batch.length > 0 ? Math.max(0, sinceMs + lingerMs - now().getTime()) : null;
    const next = await within(pending, patienceMs);
    if (next === "late" || next.done) {
      if (batch.length > 0) yield flush();
      if (next === "late") continue;
      return;
    }
    origin ??= { recordedMs: Date.parse(next.value.at), startMs: now().getTime() };
    if (pace !== null) {
      const earlyMs = dueMs(next.value, origin, pace) - now().getTime();
      if (earlyMs > lingerMs && batch.length > 0) yield flush();
      if (earlyMs > 0) await wait(earlyMs);
    }
    if (batch.length === 0) sinceMs = now().getTime();
    batch.push(next.value);
    if (batch.length === batchMax) yield flush();
    pending = source.next();
  }
}

type Origin = { recordedMs: number; startMs: number };

function dueMs(action: Action, origin: Origin, pace: number): number {
  return origin.startMs + (Date.parse(action.at) - origin.recordedMs) / pace;
}

/** The promise's value, or `late` where it takes longer than `ms`; null waits for ever. */
async function within<T>(promise: Promise<T>, ms: number | null): Promise<T | "late"> {
  if (ms === null) return promise;
  const timer = new AbortController();
  const late = wait(ms, "late" as const, { signal: timer.signal }).catch(() => "late" as const);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

/**
 * Instants of the present for recorded ones. With a pace: when each was due. Without: the newest of the
 * batch is now and the others keep their distance to it. `details.recordedAt` keeps the recorded instant.
 */
function rebase(batch: Action[], { rebaseToNow, pace, now }: ReplayOptions, origin: Origin): Action[] {
  if (!rebaseToNow) return batch;
  const newestMs = batch.reduce(
    (newest, { at }) => Math.max(newest, Date.parse(at)),
    Number.NEGATIVE_INFINITY,
  );
  const nowMs = now().getTime();
  const moved = (action: Action) =>
    pace === null ? nowMs - (newestMs - Date.parse(action.at)) : dueMs(action, origin, pace);
  return batch.map((action) => ({
    ...action,
    at: new Date(moved(action)).toISOString(),
    details: { recordedAt: action.at, ...action.details },
  }));
}
