import { setTimeout as wait } from "node:timers/promises";
import { AgentError } from "../errors.ts";
import type { Action, VigilAgent } from "../vigil-agent.ts";
import { moods } from "./history.ts";
import { localHour } from "./local-hour.ts";
import type { Profile } from "./profiles.ts";
import { activity, type Call, poisson, seededRandom, stolenCalls, usualCalls } from "./workload.ts";

/** What the supervisor tells the fleet. */
export type FleetOrders = {
  directory: string;
  enrolUrl: string;
  timeZone: string;
  attackAfterSeconds: number;
  fleet: { name: string; joinToken: string | null }[];
};

type Shift = { seed: number; timeZone: string; attackAfterSeconds: number | null; signal: AbortSignal };

const TICK_SECONDS = 2;
const STOLEN_TICK_SECONDS = 1;
const STOPPED_PAUSE_MS = 20_000;
const ASK_AGAIN_MS = 30_000;

/**
 * An agent's working day, until the signal: its usual calls at its usual pace; where it was told to be taken
 * over, the thief's calls from then on, until Vigil stops it.
 */
export async function runAgent(agent: VigilAgent, profile: Profile, shift: Shift): Promise<void> {
  const random = seededRandom(shift.seed);
  const local = localHour(shift.timeZone);
  const mood = moods(random);
  const usual = usualCalls(profile, random);
  const stolen = stolenCalls(profile, random);
  const takenAt =
    shift.attackAfterSeconds === null
      ? Number.POSITIVE_INFINITY
      : Date.now() + shift.attackAfterSeconds * 1_000;
  const scopes = scopeKeeper(agent, profile);
  let over = false;
  while (!shift.signal.aborted) {
    const taken = !over && Date.now() >= takenAt;
    const seconds = taken ? STOLEN_TICK_SECONDS : TICK_SECONDS;
    await wait(seconds * 1_000, undefined, { signal: shift.signal }).catch(() => undefined);
    const { hour, day } = local(new Date());
    const rate = profile.callsPerMinutePeak * activity(profile.curve, hour, day) * mood();
    const calls = taken
      ? [...stolen(seconds), ...usual(poisson((rate / 60) * seconds, random))]
      : usual(poisson((rate / 60) * seconds, random));
    const stopped = await reportCalls(agent, calls, await scopes(), seconds);
    if (stopped && taken) over = true;
    if (stopped) await wait(STOPPED_PAUSE_MS, undefined, { signal: shift.signal }).catch(() => undefined);
  }
}

/** @returns whether Vigil refused the agent as a whole. */
async function reportCalls(
  agent: VigilAgent,
  calls: Call[],
  scopes: string[],
  seconds: number,
): Promise<boolean> {
  if (calls.length === 0) return false;
  const end = Date.now();
  const step = (seconds * 1_000) / calls.length;
  const actions: Action[] = calls.map((call, index) => ({
    ...call,
    at: new Date(end - (calls.length - index) * step).toISOString(),
  }));
  try {
    await agent.report(actions, { scopes });
    return false;
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return error.status === 401 || error.status === 403;
  }
}

/** An elevated scope is asked for with the token, again and again, until people have decided. */
function scopeKeeper(agent: VigilAgent, profile: Profile): () => Promise<string[]> {
  const wanted = profile.asksFor;
  let nextAskMs = 0;
  return async () => {
    if (!wanted || Date.now() < nextAskMs) return profile.scopes;
    nextAskMs = Date.now() + ASK_AGAIN_MS;
    await agent.token([...profile.scopes, wanted]).catch(() => undefined);
    return profile.scopes;
  };
}
