import { setTimeout as wait } from "node:timers/promises";
import { AgentError } from "./errors.ts";

/** What a lost connection looks like: whether the request arrived is not known, so the same one is sent again. */
const LOST = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);
const PAUSE_MS = { first: 100, max: 5_000 };

/** How long to keep trying, and on whose clock. */
export type Patience = { until: Date; now: () => Date; signal?: AbortSignal };

/**
 * Sends until an answer comes: after a lost connection the same again, with growing pauses.
 *
 * @throws AgentError `unreachable` when the time is over; other errors, such as a refused handshake, at once.
 */
export async function untilAnswered<T>(send: () => Promise<T>, patience: Patience): Promise<T> {
  for (let pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(PAUSE_MS.max, pauseMs * 2)) {
    try {
      return await send();
    } catch (error) {
      if (!isLost(error)) throw error;
      if (patience.now().getTime() + pauseMs > patience.until.getTime())
        throw new AgentError("unreachable", 0, `Vigil could not be reached: ${(error as Error).message}`);
    }
    await wait(pauseMs, undefined, { signal: patience.signal });
  }
}

function isLost(error: unknown): boolean {
  const { code, errors } = error as { code?: string; errors?: unknown[] };
  return LOST.has(code ?? "") || (errors?.some(isLost) ?? false);
}
