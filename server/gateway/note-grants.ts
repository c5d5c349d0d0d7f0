import type { Logger } from "pino";
import type { Database } from "../../db/client.ts";
import type { VerifiedToken } from "../flows/admit-action/world.ts";
import { type GrantUse, noteGrantUse } from "../layers/authorization/note-grant-use.ts";

/** Times are kept to the minute, and written as often. */
const MINUTE_MS = 60_000;
/** Grants by scope that are held between two writings; beyond, a use is not noted until the next. */
const HELD_MAX = 50_000;
const BATCH_MAX = 1_000;

export type GrantNotes = ReturnType<typeof noteGrants>;

/**
 * Notes in memory which scopes of which tokens admitted actions needed, and writes once a minute when their grants
 * were last used: never in an admission's way, and each grant once in a writing. Which of a token's grants gives a
 * scope is found at the writing.
 */
export function noteGrants(deps: { db: Database; log: Logger }) {
  const { db, log } = deps;
  /** The minute in which a token's scope was noted last: tokens are the verifier's own objects and end with it. */
  const noted = new WeakMap<VerifiedToken, Map<string, number>>();
  const held = new Map<string, GrantUse>();

  function hold(use: GrantUse): void {
    const key = `${use.grantId} ${use.scope}`;
    const before = held.get(key);
    if (before ? before.at < use.at : held.size < HELD_MAX) held.set(key, use);
  }

  async function write(): Promise<void> {
    const taken = [...held.values()];
    held.clear();
    for (let from = 0; from < taken.length; from += BATCH_MAX)
      try {
        await noteGrantUse(db, taken.slice(from, from + BATCH_MAX));
      } catch (error) {
        for (const use of taken.slice(from)) hold(use);
        throw error;
      }
  }

  let writing: Promise<void> | null = null;
  const timer = setInterval(() => {
    writing ??= write()
      .catch((error: unknown) => log.warn({ err: error }, "the use of grants could not be written yet"))
      .finally(() => {
        writing = null;
      });
  }, MINUTE_MS);

  return {
    /** Actions were admitted that needed these scopes of the token. */
    used(token: VerifiedToken, scopes: ReadonlySet<string>, now: Date): void {
      const minuteMs = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
      const of = noted.get(token) ?? new Map<string, number>();
      noted.set(token, of);
      for (const scope of scopes) {
        if (of.get(scope) === minuteMs) continue;
        of.set(scope, minuteMs);
        for (const grantId of token.grantIds) hold({ grantId, scope, at: new Date(minuteMs) });
      }
    },
    /** Writes what is held now. @throws where it could not be written; then it is held on. */
    write,
    async close() {
      clearInterval(timer);
      await writing;
      await write().catch(() => undefined);
    },
  };
}
