import type { CallEvent } from "./event.ts";
import type { Random } from "./random.ts";

const TWICE_SHARE = 0.003;
const LATE_SHARE = 0.005;
const LATE_MS: [number, number] = [60_000, 540_000];
const VERY_LATE_SHARE = 0.0002;
/** Beyond the ten minutes for which the product believes an action's own time. */
const VERY_LATE_MS: [number, number] = [660_000, 1_800_000];
/** An agent collects for up to this long before it reports. */
const COLLECT_MS = 2_000;

/**
 * Brings calls to the door as a network does: collected for a moment, some late, some twice, hence out of order.
 *
 * @param minutes the calls of each minute; a call whose `receivedMs` is later than its `atMs` was held back.
 */
export function* deliver(
  minutes: Iterable<{ endMs: number; calls: CallEvent[] }>,
  random: Random,
): Generator<CallEvent> {
  let underway: CallEvent[] = [];
  for (const { endMs, calls } of minutes) {
    for (const call of calls) {
      const sent = { ...call, receivedMs: call.receivedMs + delayOf(random) };
      underway.push(sent);
      if (random.chance(TWICE_SHARE))
        underway.push({ ...sent, receivedMs: sent.receivedMs + Math.round(random.between(50, 90_000)) });
    }
    underway.sort((a, b) => a.receivedMs - b.receivedMs);
    let arrived = 0;
    while (arrived < underway.length && (underway[arrived]?.receivedMs ?? endMs) < endMs) arrived++;
    yield* underway.slice(0, arrived);
    underway = underway.slice(arrived);
  }
  yield* underway;
}

function delayOf(random: Random): number {
  const collecting = COLLECT_MS * random.next();
  const late = random.next();
  if (late < VERY_LATE_SHARE) return Math.round(random.between(...VERY_LATE_MS));
  if (late < VERY_LATE_SHARE + LATE_SHARE) return Math.round(random.between(...LATE_MS));
  return Math.round(collecting);
}
