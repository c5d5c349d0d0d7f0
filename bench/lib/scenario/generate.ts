/**
 * Labelled scenarios of a bank's agents, as calls. Nothing here knows how calls become features or scores; no number
 * here was chosen by looking at a score.
 *
 * Parameters, by file:
 * - agent-kinds.ts  seven kinds: busiest rate 3.5–24 calls a minute, curve of day and week in the bank's zone, tools with
 *                   order, sizes (log-normal, 2 % with a Pareto tail of index 1.8), endpoints (Zipf-like), refusals.
 * - agents.ts       each agent's own size (rate ×e^±0.35, bytes ×e^±0.5), one to three networks, drift up to ±22 % in
 *                   five weeks.
 * - here            noise of the rate: autoregressive by minute (0.97) with Student-t innovations (3 degrees), and a level
 *                   by day (±8 %).
 * - plan.ts         five weeks (21 days of learning, 14 of test) from a random day of three years; rounds of all nine
 *                   attacks with a twin each until 0.1 % of the test's active minutes are attacked; an attack in the
 *                   learning phase of every fourth agent; outages and held-back deliveries every few weeks; a deploy, a
 *                   storm of retries, a failover and an evening of overtime with 0.3 each.
 * - attacks.ts      how strong each attack is, relative to its agent. benign.ts: the same for what is benign.
 * - deliver.ts      0.3 % of calls delivered twice, 0.5 % late by up to nine minutes, 0.02 % by more than is believed.
 * - calendar.ts     holidays, month ends, changes of the clock.
 */
import { expectedCalls, type ScenarioAgent } from "./agents.ts";
import { ATTACKS } from "./attacks.ts";
import { acts, actsUntil, EFFECTS } from "./benign.ts";
import { DAY_MS, localTime } from "./calendar.ts";
import { deliver } from "./deliver.ts";
import type { AttackKind, BenignKind, CallEvent, Episode } from "./event.ts";
import { type Minute, usualCalls, type Walk } from "./minute.ts";
import type { Scenario } from "./plan.ts";
import { type Random, randomOf } from "./random.ts";

const MINUTE_MS = 60_000;
const MEMORY = 0.97;
const DAY_LEVEL = 0.08;
/** A rate does not leave what the agent's machine can do. */
const NOISE_MAX = 3;
const RETRIED = 1;

/** One agent's calls over the whole scenario, in the order in which they arrive. */
export function* callsOf(scenario: Scenario, agent: ScenarioAgent): Generator<CallEvent> {
  yield* deliver(minutesOfCalls(scenario, agent), randomOf(scenario.seed, "delivery", agent.index));
}

function* minutesOfCalls(
  scenario: Scenario,
  agent: ScenarioAgent,
): Generator<{ endMs: number; calls: CallEvent[] }> {
  const episodes = scenario.episodes.filter((episode) => episode.agent === agent.index);
  const random = randomOf(scenario.seed, "calls", agent.index);
  const attackRandom = randomOf(scenario.seed, "attacks", agent.index);
  const walk: Walk = { tool: 0, parent: null, made: 0 };
  const noise = noiseOf(agent, random);
  for (let fromMs = scenario.startMs; fromMs < scenario.endMs; fromMs += MINUTE_MS) {
    const minute = minuteOf(scenario, agent, fromMs, noise(fromMs));
    const now = episodes.filter((episode) => acts(episode, fromMs));
    for (const episode of now)
      if (!episode.attack) EFFECTS[episode.kind as BenignKind]?.(minute, { agent, episode, random });
    let calls = usualCalls(agent, minute, walk, random);
    for (const episode of now)
      if (episode.attack)
        calls = ATTACKS[episode.kind as AttackKind](calls, {
          agent,
          episode,
          minute,
          walk,
          random: attackRandom,
        });
    calls.sort((a, b) => a.atMs - b.atMs);
    if (minute.heldBackMs > 0) for (const call of calls) call.receivedMs = call.atMs + minute.heldBackMs;
    yield { endMs: fromMs + MINUTE_MS, calls };
  }
}

function minuteOf(scenario: Scenario, agent: ScenarioAgent, fromMs: number, noise: number): Minute {
  const drift = Math.exp((agent.driftPerDay * (fromMs - scenario.startMs)) / DAY_MS);
  return {
    fromMs,
    calls: expectedCalls(agent, fromMs) * drift * noise,
    bytesFactor: 1,
    networks: agent.networks,
    refusedShare: agent.kind.refusedShare,
    retries: RETRIED,
    order: null,
    version: 1,
    extra: [],
    heldBackMs: 0,
  };
}

/** What a minute's rate is multiplied by. Called once for each minute, in order. */
function noiseOf({ kind, seed, index }: ScenarioAgent, random: Random): (atMs: number) => number {
  let state = 0;
  return (atMs) => {
    state = MEMORY * state + Math.sqrt(1 - MEMORY ** 2) * kind.noise * random.heavy();
    const level = DAY_LEVEL * randomOf(seed, "day", index, localTime(atMs).day).normal();
    return Math.exp(Math.max(-NOISE_MAX, Math.min(NOISE_MAX, state + level)));
  };
}

/** Benign episodes that explain what an agent does at an instant, the calendar's aside; the most recent first. */
export function benignAt(episodes: readonly Episode[], atMs: number): Episode[] {
  return episodes
    .filter(
      (it) => !it.attack && it.fromMs <= atMs && atMs < (it.kind === "deploy" ? it.toMs : actsUntil(it)),
    )
    .sort((a, b) => b.fromMs - a.fromMs);
}
