import { AGENT_KINDS, type AgentKind } from "./agent-kinds.ts";
import { isBusinessDay, isMonthEnd, localTime } from "./calendar.ts";
import { randomOf } from "./random.ts";

export type Network = { prefix: string; asn: number; country: string };

/** One agent of a scenario: a kind with its own size, networks and slow change. */
export type ScenarioAgent = {
  index: number;
  name: string;
  seed: number;
  kind: AgentKind;
  /** Calls a minute at its busiest. */
  callsPerMinute: number;
  /** What its calls' sizes are multiplied by. */
  bytesFactor: number;
  networks: readonly Network[];
  /** Where its work goes when its site fails. */
  standby: Network;
  /** Change of its volume by day (logarithm): up to a quarter in five weeks, either way. */
  driftPerDay: number;
};

const BANK_ASN = 64_512;

/** The scenario's agents: kinds in turns, each agent with a size of its own. */
export function agentsOf(seed: number, count: number): ScenarioAgent[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomOf(seed, "agent", index);
    const kind = AGENT_KINDS[index % AGENT_KINDS.length] ?? random.pick(AGENT_KINDS);
    const bank = (site: number) => ({
      prefix: `10.${site}.${random.whole(1, 250)}`,
      asn: BANK_ASN,
      country: "US",
    });
    return {
      index,
      name: `${kind.name}-${index}`,
      seed,
      kind,
      callsPerMinute: kind.callsPerMinute * Math.exp(0.35 * random.normal()),
      bytesFactor: Math.exp(0.5 * random.normal()),
      networks: Array.from({ length: random.whole(1, 3) }, () => bank(20)),
      standby: bank(40),
      driftPerDay: random.between(-0.22, 0.22) / 35,
    };
  });
}

/** Calls a minute that the agent's day and week lead to expect, without noise and drift. */
export function expectedCalls(agent: ScenarioAgent, atMs: number): number {
  const time = localTime(atMs);
  const share = agent.kind.curve(time, isBusinessDay(time.day));
  return agent.callsPerMinute * share * (isMonthEnd(time.day) ? agent.kind.monthEnd : 1);
}

/** Bytes that an ordinary call moves, over the agent's tools as they take turns. */
export function bytesOfCall(agent: ScenarioAgent): number {
  const { tools } = agent.kind;
  let shares = tools.map(() => 1 / tools.length);
  for (let step = 0; step < 30; step++)
    shares = tools.map((_, to) =>
      tools.reduce((sum, { next }, from) => {
        const total = next.reduce((all, weight) => all + weight, 0);
        return sum + ((shares[from] ?? 0) * (next[to] ?? 0)) / total;
      }, 0),
    );
  const mean = tools.reduce(
    (sum, { bytesMedian, bytesSigma }, i) =>
      sum + (shares[i] ?? 0) * bytesMedian * Math.exp(bytesSigma ** 2 / 2),
    0,
  );
  return mean * agent.bytesFactor;
}
