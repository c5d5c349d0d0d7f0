import { localHour } from "./local-hour.ts";
import type { Profile } from "./profiles.ts";
import { activity, type Call, normal, poisson, type Random, seededRandom, usualCalls } from "./workload.ts";

/** One minute of an agent's past, as an operator's import takes it. `at` is the minute's end. */
export type PastMinute = {
  at: Date;
  calls: number;
  megabytes: number;
  endpoints: number;
  networks: Record<string, number>;
  transitions: Record<string, number>;
};

const MINUTE_MS = 60_000;
const MOOD_MEMORY = 0.98;
const MOOD_SPREAD = 0.18;

/**
 * How busy an agent is beyond its hour: a slow drift (log-normal, each minute remembering the one before),
 * so that neighbouring minutes are alike, as in real traffic.
 */
export function moods(random: Random): () => number {
  let mood = 0;
  return () => {
    mood = MOOD_MEMORY * mood + Math.sqrt(1 - MOOD_MEMORY ** 2) * MOOD_SPREAD * normal(random);
    return Math.exp(mood);
  };
}

/**
 * The minutes of an agent's invented past, counted from calls that its profile makes; minutes without a call
 * are left out.
 */
export function inventHistory(
  profile: Profile,
  span: { from: Date; to: Date; timeZone: string; seed: number },
): PastMinute[] {
  const random = seededRandom(span.seed);
  const local = localHour(span.timeZone);
  const mood = moods(random);
  const calls = usualCalls(profile, random);
  const minutes: PastMinute[] = [];
  let last: Call | undefined;
  for (let at = span.from.getTime() + MINUTE_MS; at <= span.to.getTime(); at += MINUTE_MS) {
    const { hour, day } = local(new Date(at));
    const made = calls(
      poisson(profile.callsPerMinutePeak * activity(profile.curve, hour, day) * mood(), random),
    );
    if (made.length > 0) minutes.push(countMinute(new Date(at), made, last));
    last = made.at(-1) ?? last;
  }
  return minutes;
}

function countMinute(at: Date, made: Call[], before: Call | undefined): PastMinute {
  const networks: Record<string, number> = {};
  const transitions: Record<string, number> = {};
  const endpoints = new Set<string>();
  let bytes = 0;
  let last = before;
  for (const call of made) {
    const network = `${call.sourceIp.slice(0, call.sourceIp.lastIndexOf("."))}.0/24`;
    networks[network] = (networks[network] ?? 0) + 1;
    if (last && last !== before) {
      const step = `${last.action}>${call.action}`;
      transitions[step] = (transitions[step] ?? 0) + 1;
    }
    endpoints.add(call.endpoint);
    bytes += call.bytes;
    last = call;
  }
  return { at, calls: made.length, megabytes: bytes / 1e6, endpoints: endpoints.size, networks, transitions };
}
