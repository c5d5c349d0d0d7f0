import { setTimeout as wait } from "node:timers/promises";
import type { CommitOutcome, Entry } from "../flows/admit-action/entry.ts";
import { UnavailableError, VigilError } from "../kernel/errors.ts";

/** A batch that holds this many requests is written at once. */
export const BATCH_SIZE_MAX = 256;
/**
 * Under load, the time from the start of one batch to the start of the next, and so the longest that a request
 * waits for company: a batch costs the database and this process about as much as four requests do.
 */
export const SPACING_MS = 5;
/** Batches being written at the same time: one fills while the other is on its way to the disk. */
const WRITERS_MAX = 2;
/** Requests and bytes that may wait; beyond, the gateway says 503 before memory grows. */
const QUEUE_MAX = 4_096;
const QUEUE_BYTES_MAX = 64 * 1024 * 1024;

type Waiting = {
  entry: Entry;
  bytes: number;
  resolve: (outcome: CommitOutcome) => void;
  reject: (error: unknown) => void;
};

export type GroupCommit = {
  /** Resolves when the entry is durable. @throws UnavailableError when it is not, or the queue is full. */
  commit: (entry: Entry) => Promise<CommitOutcome>;
  depth: () => number;
  /** Writes what waits; afterwards nothing more is taken. */
  drain: () => Promise<void>;
};

/**
 * Collects what requests leave behind for a few milliseconds and writes it in one transaction, so that many
 * requests share one flush of the disk.
 *
 * @param write all of a batch or nothing; see `writeEntries`.
 * @param clock monotonic milliseconds.
 */
export function createGroupCommit(
  write: (entries: Entry[]) => Promise<CommitOutcome[]>,
  clock: () => number,
): GroupCommit {
  const queue: Waiting[] = [];
  const writing = new Set<Promise<void>>();
  let queuedBytes = 0;
  let last = { begunAt: Number.NEGATIVE_INFINITY, size: 0 };
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;
  let draining = false;

  function schedule(): void {
    if (queue.length === 0 || writing.size >= WRITERS_MAX || soon) return;
    const full = draining || queue.length >= BATCH_SIZE_MAX;
    // Who comes alone, after one who came alone, does not wait; who comes in the same turn of the loop goes along.
    const alone = writing.size === 0 && last.size <= 1;
    const dueInMs = alone ? 0 : last.begunAt + SPACING_MS - clock();
    if (full) flush();
    else if (dueInMs <= 0) soon = setImmediate(flush);
    else timer ??= setTimeout(flush, dueInMs);
  }

  function flush(): void {
    clearTimeout(timer);
    clearImmediate(soon);
    [timer, soon] = [undefined, undefined];
    if (writing.size >= WRITERS_MAX) return;
    const batch = queue.splice(0, BATCH_SIZE_MAX);
    if (batch.length === 0) return;
    last = { begunAt: clock(), size: batch.length };
    for (const { bytes } of batch) queuedBytes -= bytes;
    const done = writeBatch(write, batch).finally(() => {
      writing.delete(done);
      schedule();
    });
    writing.add(done);
    schedule();
  }

  return {
    commit(entry) {
      const bytes = sizeOf(entry);
      if (draining || queue.length >= QUEUE_MAX || queuedBytes + bytes > QUEUE_BYTES_MAX)
        return Promise.reject(
          new UnavailableError(
            draining ? "gateway_stopping" : "gateway_busy",
            "This gateway takes no more requests at the moment. Try again in a second.",
          ),
        );
      return new Promise((resolve, reject) => {
        queue.push({ entry, bytes, resolve, reject });
        queuedBytes += bytes;
        schedule();
      });
    },
    depth: () => queue.length,
    async drain() {
      draining = true;
      while (queue.length > 0 || writing.size > 0) {
        schedule();
        await Promise.race([...writing, wait(SPACING_MS)]);
      }
    },
  };
}

async function writeBatch(
  write: (entries: Entry[]) => Promise<CommitOutcome[]>,
  batch: readonly Waiting[],
): Promise<void> {
  try {
    const outcomes = await write(batch.map((it) => it.entry));
    batch.forEach((it, i) => {
      const outcome = outcomes[i];
      if (outcome) it.resolve(outcome);
      else it.reject(new VigilError("commit_incomplete", 500, "The record has no outcome."));
    });
  } catch (error) {
    // One request that the database refuses must not take its neighbours with it.
    if (isDataError(error) && batch.length > 1) {
      for (const it of batch) await writeBatch(write, [it]);
      return;
    }
    for (const it of batch) it.reject(asUnavailable(error));
  }
}

/** SQLSTATE classes 22, 23 and 40, or a rule of ours: this batch is at fault, not the database. */
function isDataError(error: unknown): boolean {
  const cause = (error as { cause?: unknown }).cause ?? error;
  return error instanceof VigilError || /^(22|23|40)/.test((cause as { code?: string }).code ?? "");
}

function asUnavailable(error: unknown): VigilError {
  if (error instanceof UnavailableError) return error;
  const cause = ((error as { cause?: unknown }).cause ?? error) as { code?: string };
  if (isDataError(error) && !cause.code?.startsWith("40"))
    return new VigilError(
      "record_refused",
      500,
      "The database refuses this record, so nothing was admitted.",
    );
  return new UnavailableError(
    "record_not_written",
    "The audit record could not be written, so nothing was admitted. Try again; the same signed request is safe to repeat.",
  );
}

function sizeOf({ record, payload }: Entry): number {
  return record.body.length + (payload?.bytes.length ?? 0);
}
