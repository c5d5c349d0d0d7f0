import { performance } from "node:perf_hooks";
import type { Logger } from "pino";
import type { Database } from "../../../db/client.ts";
import { within } from "../../kernel/within.ts";
import { type Revocation, readRevocations } from "../../layers/authorization/revocation-store.ts";
import { type Cursor, createHeldRevocations, writeCursor } from "./held-revocations.ts";

/** Read this often whether or not a notice came, and each reader is told how old the view is. */
const PULSE_MS = 1_000;
const READ_MS_MAX = 4_000;

/** One reader of the stream. None of its functions waits; one that throws costs its own reader the stream, nobody else. */
export type Follower = {
  tell: (news: readonly Revocation[]) => void;
  /** All that came before was told. */
  pulse: (cursor: string, ageMs: number) => void;
  /** What it was told may be wrong: it begins anew. */
  cut: () => void;
};

export type RevocationFeed = ReturnType<typeof createFeed>;

/**
 * Reads what was revoked once for all the readers of this gateway, at each notice and every second, while there is a
 * reader. Nothing is kept of a reader but where it is now: what it missed is found from its cursor.
 */
export function createFeed(deps: { db: Database; log: Logger; clock: () => Date }) {
  const { db, log, clock } = deps;
  const held = createHeldRevocations();
  const followers = new Set<Follower>();
  let readAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;
  let queued: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  const ageMs = () => Math.round(performance.now() - readAt);
  const pulse = () => {
    const cursor = writeCursor(held.cursor(clock()));
    each((follower) => follower.pulse(cursor, ageMs()));
  };

  /** One that fails has not heard all and must not go on as if it had: it is cut, and all others hear. */
  function each(tell: (follower: Follower) => void): void {
    for (const follower of [...followers])
      try {
        tell(follower);
      } catch (error) {
        log.warn({ err: error }, "a reader of revocations could not be told and is cut");
        leave(follower);
        cutQuietly(follower);
      }
  }

  function cutQuietly(follower: Follower): void {
    try {
      follower.cut();
    } catch (error) {
      log.warn({ err: error }, "the connection of a reader of revocations could not be cut");
    }
  }

  function leave(follower: Follower): void {
    followers.delete(follower);
    if (followers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  async function readOnce(): Promise<void> {
    const begunAt = performance.now();
    const read = await within(READ_MS_MAX, "reading revocations", readRevocations(db, held.from(), clock()));
    if (held.isBehind(read)) {
      log.warn("the database went back in time: every reader of revocations begins anew");
      held.clear();
      each((follower) => follower.cut());
      return readOnce();
    }
    const news = held.take(read);
    held.forget(clock());
    if (news.length > 0) each((follower) => follower.tell(news));
    // Only now: an age must not claim what nobody was told.
    readAt = begunAt;
    pulse();
  }

  /** Resolves when a read that began after this call has ended; all who wait for one share it. @throws when it fails. */
  function read(): Promise<void> {
    if (running) {
      queued ??= running
        .catch(() => undefined)
        .then(() => {
          queued = null;
          return read();
        });
      return queued;
    }
    running = readOnce().finally(() => {
      running = null;
    });
    return running;
  }

  const readQuietly = () => {
    if (followers.size === 0) return;
    read().catch((error: unknown) => {
      log.warn({ err: error }, "revocations could not be read; their readers are told how old the view is");
      pulse();
    });
  };

  return {
    /** A notice said that something was revoked, or may have been missed. */
    heard: readQuietly,
    /**
     * Takes a reader in, after a read that began now. @returns what it has missed, told before anything else is.
     * @throws when the database cannot be read: then it is not a reader.
     */
    async follow(follower: Follower, cursor: Cursor | null) {
      await read();
      const missed = held.since(cursor, clock());
      followers.add(follower);
      timer ??= setInterval(readQuietly, PULSE_MS);
      return { ...missed, cursor: writeCursor(held.cursor(clock())), ageMs: ageMs() };
    },
    leave,
    count: () => followers.size,
    async close(): Promise<void> {
      clearInterval(timer);
      followers.clear();
      await (queued ?? running)?.catch(() => undefined);
    },
  };
}
