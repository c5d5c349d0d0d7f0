import { agentsOf, expectedCalls, type ScenarioAgent } from "./agents.ts";
import { DAY_MS, midnightOf } from "./calendar.ts";
import { ATTACK_KINDS, type AttackKind, type Episode, TWIN_OF, type TwinKind } from "./event.ts";
import { type Random, randomOf } from "./random.ts";

export type ScenarioOptions = {
  seed: number;
  agents: number;
  learningDays?: number;
  testDays?: number;
  /** At most this share of the test's active minutes is attacked. */
  attackShareMax?: number;
};

export type Scenario = {
  seed: number;
  agents: ScenarioAgent[];
  episodes: Episode[];
  startMs: number;
  /** End of learning, begin of the test. */
  testMs: number;
  endMs: number;
};

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const LEARNING_DAYS = 21;
const TEST_DAYS = 14;
const ATTACK_SHARE_MAX = 0.001;
/** Attacks begin on the second day of the test and leave the last half day, so that all of them is inside. */
const FIRST_MS = DAY_MS;
const TRIES = 60;
const APART_MS = 3 * HOUR_MS;
/** 2025-01-01; seeds spread their beginnings over three years, so over every month end, holiday and change of clock. */
const FIRST_DAY = 20_089;
const START_DAYS = 1_095;

/** How long each kind lasts (minutes), and over what span its minutes are strewn where they are not in one piece. */
const SHAPES: Record<AttackKind | TwinKind, { minutes: [number, number]; spanHours?: [number, number] }> = {
  "burst-exfiltration": { minutes: [3, 5] },
  "slow-exfiltration": { minutes: [24, 36], spanHours: [6, 12] },
  "credential-replay": { minutes: [8, 14] },
  "sequence-change": { minutes: [10, 16] },
  "lateral-access": { minutes: [5, 10] },
  recon: { minutes: [24, 36], spanHours: [48, 96] },
  "off-hours": { minutes: [15, 22] },
  flood: { minutes: [3, 5] },
  "under-threshold": { minutes: [24, 36], spanHours: [6, 10] },
  "bulk-export": { minutes: [3, 8] },
  backfill: { minutes: [24, 60], spanHours: [6, 12] },
  failover: { minutes: [30, 180] },
  deploy: { minutes: [1_440, 1_440] },
  "partner-onboarding": { minutes: [120, 360] },
  "catalogue-refresh": { minutes: [24, 36], spanHours: [24, 48] },
  overtime: { minutes: [40, 120] },
  "retry-storm": { minutes: [4, 10] },
  campaign: { minutes: [480, 600] },
};

/** Who is attacked and who is disturbed, when and how strongly. The same seed gives the same plan. */
export function planScenario(options: ScenarioOptions): Scenario {
  const { seed, agents: count, learningDays = LEARNING_DAYS, testDays = TEST_DAYS } = options;
  const random = randomOf(seed, "plan");
  const firstDay = FIRST_DAY + random.whole(0, START_DAYS);
  const scenario: Scenario = {
    seed,
    agents: agentsOf(seed, count),
    episodes: [],
    startMs: midnightOf(firstDay),
    testMs: midnightOf(firstDay + learningDays),
    endMs: midnightOf(firstDay + learningDays + testDays),
  };
  planAttacks(scenario, random, options.attackShareMax ?? ATTACK_SHARE_MAX);
  planPoison(scenario, random);
  planBenign(scenario, random);
  return scenario;
}

/** Rounds of every kind, the dearest in minutes last, until the share of attacked minutes is spent; twins beside them. */
function planAttacks(scenario: Scenario, random: Random, shareMax: number): void {
  let left = shareMax * activeMinutes(scenario);
  const kinds = [...ATTACK_KINDS].sort((a, b) => SHAPES[a].minutes[1] - SHAPES[b].minutes[1]);
  for (let round = 0; left > 0 && round < scenario.agents.length; round++)
    for (const kind of kinds) {
      if (SHAPES[kind].minutes[1] > left) return;
      const attack = place(scenario, random, kind, true, scenario.testMs + FIRST_MS, scenario.endMs);
      if (attack) left -= minutesOf(attack);
      place(scenario, random, TWIN_OF[kind], false, scenario.testMs + FIRST_MS, scenario.endMs);
    }
}

/** One attack inside the learning phase of every fourth agent. */
function planPoison(scenario: Scenario, random: Random): void {
  const from = scenario.startMs + 3 * DAY_MS;
  for (const agent of scenario.agents.filter(({ index }) => index % 4 === scenario.seed % 4))
    place(scenario, random, random.pick(ATTACK_KINDS), true, from, scenario.testMs, agent.index);
}

/** What happens to everybody now and then, before and in the test. */
function planBenign(scenario: Scenario, random: Random): void {
  const weeks = (scenario.endMs - scenario.startMs) / (7 * DAY_MS);
  const { startMs, endMs } = scenario;
  for (const { index } of scenario.agents) {
    for (let i = random.poisson(0.25 * weeks); i > 0; i--)
      add(scenario, "outage", index, random, startMs, endMs, random.whole(20, 60));
    for (let i = random.poisson(0.3 * weeks); i > 0; i--)
      add(scenario, "delayed-delivery", index, random, startMs, endMs, random.whole(10, 30));
    for (const kind of ["deploy", "retry-storm", "failover", "overtime"] as const)
      if (random.chance(0.3)) place(scenario, random, kind, false, startMs + 2 * DAY_MS, endMs, index);
  }
}

/** An episode at a time when its agent works (off hours: does not), clear of the agent's other attacks; null if none fits. */
function place(
  scenario: Scenario,
  random: Random,
  kind: AttackKind | TwinKind,
  attack: boolean,
  fromMs: number,
  toMs: number,
  only?: number,
): Episode | null {
  const { minutes, spanHours } = SHAPES[kind];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const agent = scenario.agents[only ?? random.whole(0, scenario.agents.length - 1)];
    const count = random.whole(...minutes);
    const span = spanHours ? random.between(...spanHours) * HOUR_MS : count * MINUTE_MS;
    const start = minuteOf(random.between(fromMs, toMs - span - DAY_MS / 2));
    if (!agent || start < fromMs || !suits(agent, kind, start, span)) continue;
    if (attack && clashes(scenario, agent.index, start, start + span)) continue;
    const chosen = spanHours ? strew(agent, random, start, span, count) : null;
    if (chosen && chosen.size < count / 2) continue;
    return push(scenario, random, {
      agent: agent.index,
      kind,
      attack,
      fromMs: start,
      toMs: start + span,
      minutes: chosen,
    });
  }
  return null;
}

/** Work at unusual hours must be at hours without any, on both ends; everything else while the agent works. */
function suits(agent: ScenarioAgent, kind: string, startMs: number, spanMs: number): boolean {
  const ends = [startMs, startMs + spanMs].map((atMs) => expectedCalls(agent, atMs));
  if (kind === "off-hours" || kind === "overtime") return ends.every((calls) => calls === 0);
  return (ends[0] ?? 0) > 0.25 * agent.callsPerMinute;
}

function clashes({ episodes }: Scenario, agent: number, fromMs: number, toMs: number): boolean {
  return episodes.some(
    (it) => it.attack && it.agent === agent && it.fromMs < toMs + APART_MS && it.toMs > fromMs - APART_MS,
  );
}

function strew(
  agent: ScenarioAgent,
  random: Random,
  fromMs: number,
  spanMs: number,
  count: number,
): Set<number> {
  const chosen = new Set<number>();
  for (let attempt = 0; attempt < 20 * count && chosen.size < count; attempt++) {
    const minute = minuteOf(fromMs + random.between(0, spanMs));
    if (expectedCalls(agent, minute) > 0.25 * agent.callsPerMinute) chosen.add(minute);
  }
  return chosen;
}

function add(
  scenario: Scenario,
  kind: "outage" | "delayed-delivery",
  agent: number,
  random: Random,
  fromMs: number,
  toMs: number,
  minutes: number,
): void {
  const start = minuteOf(random.between(fromMs, toMs - DAY_MS));
  push(scenario, random, {
    agent,
    kind,
    attack: false,
    fromMs: start,
    toMs: start + minutes * MINUTE_MS,
    minutes: null,
  });
}

function push(scenario: Scenario, random: Random, episode: Omit<Episode, "id" | "strength">): Episode {
  const made = { id: `${episode.kind}#${scenario.episodes.length}`, ...episode, strength: random.next() };
  scenario.episodes.push(made);
  return made;
}

/** How many minutes of the test are expected to hold a call: what the share of attacked ones is a share of. */
function activeMinutes({ agents, testMs, endMs }: Scenario): number {
  let sum = 0;
  for (const agent of agents)
    for (let atMs = testMs; atMs < endMs; atMs += 10 * MINUTE_MS)
      sum += 10 * (1 - Math.exp(-expectedCalls(agent, atMs)));
  return sum;
}

const minuteOf = (atMs: number) => Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
const minutesOf = ({ minutes, fromMs, toMs }: Episode) => minutes?.size ?? (toMs - fromMs) / MINUTE_MS;
