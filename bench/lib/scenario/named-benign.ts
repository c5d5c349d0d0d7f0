import { agentsOf, expectedCalls, type ScenarioAgent } from "./agents.ts";
import { DAY_MS, isBusinessDay, isMonthEnd, localTime, midnightOf } from "./calendar.ts";
import type { BenignKind, Episode } from "./event.ts";
import type { Scenario } from "./plan.ts";

/** What a bank does every month, and nobody may be contained for. */
export const NAMED_BENIGN = [
  "two normal weeks",
  "a deploy",
  "month end",
  "a failover",
  "an approved bulk export",
] as const;
export type NamedBenign = (typeof NAMED_BENIGN)[number];

const LEARNING_DAYS = 21;
const TEST_DAYS = 14;
const SEED = 1;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** 2026-04-13, a Monday: no holiday, and the month end lies in the learning phase. */
const NORMAL_START = Date.parse("2026-04-13T12:00:00Z") / DAY_MS;
/** 2026-03-09: its test holds the end of March, its learning none. */
const MONTH_END_START = Date.parse("2026-03-09T12:00:00Z") / DAY_MS;
const MIDDLE = 0.5;

const EPISODES: Partial<Record<NamedBenign, { kind: BenignKind; minutes: number }>> = {
  "a deploy": { kind: "deploy", minutes: 1_440 },
  "a failover": { kind: "failover", minutes: 120 },
  "an approved bulk export": { kind: "bulk-export", minutes: 5 },
};

/** A scenario of one agent of each kind without any attack: three weeks to learn, then two with what the name says. */
export function namedBenign(name: NamedBenign): Scenario {
  const firstDay = Math.floor(name === "month end" ? MONTH_END_START : NORMAL_START);
  const agents = agentsOf(SEED, 7);
  const testMs = midnightOf(firstDay + LEARNING_DAYS);
  const episode = EPISODES[name];
  return {
    seed: SEED,
    agents,
    startMs: midnightOf(firstDay),
    testMs,
    endMs: midnightOf(firstDay + LEARNING_DAYS + TEST_DAYS),
    episodes: episode ? agents.map((agent) => episodeOf(agent, episode, testMs + 3 * DAY_MS)) : [],
  };
}

/** On the first business day from then on that is no month end, in the middle of the agent's busiest hours. */
function episodeOf(
  agent: ScenarioAgent,
  what: { kind: BenignKind; minutes: number },
  fromMs: number,
): Episode {
  let { day } = localTime(fromMs);
  while (!isBusinessDay(day) || isMonthEnd(day)) day++;
  const hours = Array.from({ length: 24 }, (_, hour) => midnightOf(day) + hour * HOUR_MS);
  const busiest = hours.reduce((best, atMs) =>
    expectedCalls(agent, atMs) > expectedCalls(agent, best) ? atMs : best,
  );
  return {
    id: `${what.kind}#${agent.index}`,
    agent: agent.index,
    kind: what.kind,
    attack: false,
    fromMs: busiest,
    toMs: busiest + what.minutes * MINUTE_MS,
    minutes: null,
    strength: MIDDLE,
  };
}
