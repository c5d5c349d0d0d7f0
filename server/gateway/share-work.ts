import { UnavailableError } from "../kernel/errors.ts";

type Waiting<Answer> = { run: () => void; answer: Promise<Answer> };

/**
 * Lets anybody ask for what costs queries and signatures without taking the database from the agents: few
 * answers are made at once, and those who ask for the same thing share the next one. Nobody is given an answer
 * that was begun before they asked.
 *
 * @param atOnceMax answers being made at the same time.
 * @param waitingMax different answers that may wait; beyond, callers are told to come back.
 */
export function createSharedWork<Answer>(
  atOnceMax: number,
  waitingMax: number,
): (key: string, make: () => Promise<Answer>) => Promise<Answer> {
  const waiting = new Map<string, Waiting<Answer>>();
  let running = 0;

  const next = () => {
    const [first] = waiting;
    if (!first || running >= atOnceMax) return;
    const [key, { run }] = first;
    waiting.delete(key);
    running++;
    run();
  };

  return (key, make) => {
    const joined = waiting.get(key);
    if (joined) return joined.answer;
    if (waiting.size >= waitingMax)
      return Promise.reject(
        new UnavailableError("busy", "Too many ask for documents at once. Try again in a few seconds."),
      );
    const { promise: begun, resolve: run } = Promise.withResolvers<void>();
    const answer = begun.then(make).finally(() => {
      running--;
      next();
    });
    waiting.set(key, { run, answer });
    next();
    return answer;
  };
}
