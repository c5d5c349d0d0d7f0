import { canonicalJson, type Json } from "../server/kernel/canonical.ts";
import type { AccessToken, TokenAsk } from "./request-token.ts";

/** A token is not used in the last part of its life: a minute, or a tenth where it is short. */
const MARGIN = { msMax: 60_000, share: 0.1 };

/** An agent that asks for limits of its own for each payment has no use for the tokens of those before. */
const KEPT_MAX = 100;

type Kept = { boundTo: string; until: Date; promise: Promise<AccessToken> };

/**
 * Tokens by their scopes and limits, asked for once however many callers wait, used until shortly before they end, and
 * never with another transport certificate than the one they are bound to.
 */
export function keepTokens(ask: (ask: TokenAsk) => Promise<AccessToken>): {
  get: (wanted: TokenAsk, boundTo: string, now: Date) => Promise<AccessToken>;
  drop: () => void;
} {
  const kept = new Map<string, Kept>();
  return {
    get: (wanted, boundTo, now) => {
      const key = canonicalJson([[...new Set(wanted.scopes)].sort(), [...wanted.details]] as Json);
      const held = kept.get(key);
      if (held && held.boundTo === boundTo && now < held.until) return held.promise;
      const promise = ask(wanted);
      const entry: Kept = { boundTo, until: new Date(8.64e15), promise };
      kept.delete(key);
      if (kept.size >= KEPT_MAX) for (const oldest of [...kept.keys()].slice(0, 1)) kept.delete(oldest);
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
