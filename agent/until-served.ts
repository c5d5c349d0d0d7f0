import { setTimeout as wait } from "node:timers/promises";
import { type DoorAnswer, refusalOf } from "./answer.ts";
import { type Patience, untilAnswered } from "./until-answered.ts";

const PAUSE_MS = 1_000;

/**
 * Sends the same again after a lost connection and after a 503, as `Retry-After` says, until another answer
 * comes: for requests that count once however often they arrive.
 *
 * @throws AgentError `unreachable`, or the door's reason, when the time is over.
 */
export async function untilServed(send: () => Promise<DoorAnswer>, patience: Patience): Promise<DoorAnswer> {
  for (;;) {
    const answer = await untilAnswered(send, patience);
    if (answer.status !== 503) return answer;
    const pauseMs = answer.retryAfterMs ?? PAUSE_MS;
    if (patience.now().getTime() + pauseMs > patience.until.getTime()) throw refusalOf(answer);
    await wait(pauseMs, undefined, { signal: patience.signal });
  }
}
