/** How an attempt ended, as far as the next one depends on it. */
export type AttemptResult =
  | { delivered: true }
  | {
      delivered: false;
      error: string /** The receiver refuses this very message, and will again. */;
      refused: boolean;
    };

/** A message that its receiver refuses holds up those behind it for half a minute. */
export const REFUSALS_MAX = 5;
/** A receiver that is away is waited for: two days at the longest pause. */
export const ATTEMPTS_MAX = 580;
export const PAUSE_MS_MIN = 1_000;
export const PAUSE_MS_MAX = 300_000;

export type Plan =
  | { state: "delivered" }
  | { state: "dead"; error: string }
  | { state: "wait"; error: string; pauseMs: number };

/**
 * What becomes of a message after an attempt: delivered; set aside as a dead letter, which a person may send
 * again; or tried again after a pause that doubles up to five minutes.
 *
 * @param attempts how many were made, this one included.
 */
export function planAttempt(result: AttemptResult, attempts: number): Plan {
  if (result.delivered) return { state: "delivered" };
  if (attempts >= (result.refused ? REFUSALS_MAX : ATTEMPTS_MAX))
    return { state: "dead", error: result.error };
  const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.min(attempts - 1, 30));
  return { state: "wait", error: result.error, pauseMs };
}
