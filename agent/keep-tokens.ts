import type { AccessToken } from "./request-token.ts";

/** A token is not used in the last part of its life: a minute, or a tenth where it is short. */
const MARGIN = { msMax: 60_000, share: 0.1 };

type Kept = { boundTo: string; until: Date; promise: Promise<AccessToken> };

/**
 * Tokens by their scopes, asked for once however many callers wait, used until shortly before they end, and
 * never with another transport certificate than the one they are bound to.
 */
export function keepTokens(ask: (scopes: readonly string[]) => Promise<AccessToken>): {
  get: (scopes: readonly string[], boundTo: string, now: Date) => Promise<AccessToken>;
  drop: () => void;
} {
  const kept = new Map<string, Kept>();
  return {
    get: (scopes, boundTo, now) => {
      const key = [...new Set(scopes)].sort().join(" ");
      const held = kept.get(key);
      if (held && held.boundTo === boundTo && now < held.until) return held.promise;
      const promise = ask(scopes);
      const entry: Kept = { boundTo, until: new Date(8.64e15), promise };
      kept.set(key, entry);
      promise.then(
        ({ expiresAt }) => {
          const lifeMs = expiresAt.getTime() - now.getTime();
          const marginMs = Math.min(MARGIN.msMax, lifeMs * MARGIN.share);
          entry.until = new Date(expiresAt.getTime() - marginMs);
        },
        () => {
          if (kept.get(key) === entry) kept.delete(key);
        },
      );
      return promise;
    },
    drop: () => kept.clear(),
  };
}
