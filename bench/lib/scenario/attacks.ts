import type { Tool } from "./agent-kinds.ts";
import { bytesOfCall, type Network, type ScenarioAgent } from "./agents.ts";
import type { AttackKind, CallEvent, Episode } from "./event.ts";
import { callOf, type Extra, endpointOf, type Minute, timesIn, usualCalls, type Walk } from "./minute.ts";
import { type Random, randomOf } from "./random.ts";

type Facts = { agent: ScenarioAgent; episode: Episode; minute: Minute; walk: Walk; random: Random };
/** What an attack does to the calls of a minute: it returns them with its own, which carry its id. */
type Attack = (usual: CallEvent[], facts: Facts) => CallEvent[];

const between = ({ strength }: Episode, low: number, high: number) => low + (high - low) * strength;

/** Where stolen credentials are used from: hosting companies, none of them the bank's. */
const ABROAD: readonly Network[] = [
  { prefix: "185.220.101", asn: 60_729, country: "DE" },
  { prefix: "45.153.160", asn: 44_477, country: "NL" },
  { prefix: "103.136.43", asn: 136_258, country: "SG" },
  { prefix: "91.240.118", asn: 57_523, country: "RU" },
  { prefix: "23.94.5", asn: 36_352, country: "US" },
];

/** How each attack behaves. Sizes are relative to what the agent usually does, as an attacker who looked would choose. */
export const ATTACKS: Record<AttackKind, Attack> = {
  "burst-exfiltration": (usual, facts) => {
    const tool = richest(facts.agent);
    const count = Math.round(between(facts.episode, 15, 60));
    const bytes = bytesOfCall(facts.agent) * between(facts.episode, 6, 30);
    return withOwn(usual, facts, count, () => ({
      ...onTool(facts, tool),
      bytes: facts.random.size(bytes, 0.4),
    }));
  },
  "slow-exfiltration": (usual, facts) => {
    const tool = richest(facts.agent);
    const count = facts.random.whole(1, 3);
    const minuteBytes = Math.max(1, facts.minute.calls) * bytesOfCall(facts.agent);
    const bytes = (minuteBytes * between(facts.episode, 1, 3)) / count;
    return withOwn(usual, facts, count, () => ({
      ...onTool(facts, tool),
      bytes: facts.random.size(bytes, 0.2),
    }));
  },
  "credential-replay": (usual, facts) => {
    const network = randomOf(facts.agent.seed, facts.episode.id).pick(ABROAD);
    const minute = {
      ...facts.minute,
      networks: [network],
      calls: facts.agent.callsPerMinute * between(facts.episode, 0.4, 1),
      extra: [],
    };
    return [...usual, ...labelled(usualCalls(facts.agent, minute, facts.walk, facts.random), facts.episode)];
  },
  "sequence-change": (usual, facts) => {
    const { agent, minute, random } = facts;
    return labelled(usual, facts.episode).map((call) => {
      const tool = random.pick(agent.kind.tools);
      const bytes = random.size(tool.bytesMedian * agent.bytesFactor, tool.bytesSigma);
      const endpoint = endpointOf(agent, tool, minute.version, random);
      return { ...call, action: tool.action, object: tool.object, endpoint, bytes };
    });
  },
  "lateral-access": (usual, facts) => {
    const fixed = randomOf(facts.agent.seed, facts.episode.id);
    const peers = Array.from({ length: 4 }, () => `core-${fixed.whole(1, 90)}`);
    return withOwn(usual, facts, 3 + facts.random.poisson(between(facts.episode, 1, 6)), () => {
      const peer = facts.random.pick(peers);
      const object = facts.random.pick(["secrets", "payroll", "swift-message", "customer"]);
      const endpoint = `/${peer}/${object}/${facts.random.whole(1, 3)}`;
      return {
        action: `${object}.read`,
        endpoint,
        object,
        bytes: facts.random.size(8_000, 1),
        peer,
        refusedShare: 0.4,
      };
    });
  },
  recon: (usual, facts) =>
    withOwn(usual, facts, facts.random.whole(1, 2), () => ({
      action: facts.random.pick([
        "schema.read",
        "directory.list",
        facts.agent.kind.tools[0]?.action ?? "schema.read",
      ]),
      endpoint: `/internal/${facts.random.whole(1, 200)}`,
      object: "metadata",
      bytes: facts.random.size(900, 0.5),
      refusedShare: 0.3,
    })),
  "off-hours": (usual, facts) => {
    const minute = {
      ...facts.minute,
      calls: facts.agent.callsPerMinute * between(facts.episode, 0.5, 1),
      extra: [],
    };
    return [...usual, ...labelled(usualCalls(facts.agent, minute, facts.walk, facts.random), facts.episode)];
  },
  flood: (usual, facts) => {
    const tool = facts.agent.kind.tools[0] ?? richest(facts.agent);
    const count = Math.round(facts.agent.callsPerMinute * between(facts.episode, 8, 25));
    const refusedShare = between(facts.episode, 0.05, 0.4);
    return withOwn(usual, facts, count, () => ({ ...onTool(facts, tool), bytes: 400, refusedShare }));
  },
  "under-threshold": (usual, facts) => {
    const minute = {
      ...facts.minute,
      calls: facts.minute.calls * between(facts.episode, 0.2, 0.35),
      extra: [],
    };
    return [...usual, ...labelled(usualCalls(facts.agent, minute, facts.walk, facts.random), facts.episode)];
  },
};

function withOwn(usual: CallEvent[], facts: Facts, count: number, what: () => Extra): CallEvent[] {
  const { agent, episode, minute, walk, random } = facts;
  const own = timesIn(minute.fromMs, count, random).map((atMs) =>
    callOf(agent, minute, walk, random, { ...what(), atMs, attack: episode.id }),
  );
  return [...usual, ...own];
}

function labelled(calls: CallEvent[], episode: Episode): CallEvent[] {
  return calls.map((call) => ({ ...call, attack: episode.id }));
}

/** The tool that an attacker takes data with: the one whose calls are largest. */
function richest(agent: ScenarioAgent): Tool {
  return agent.kind.tools.reduce((best, tool) => (tool.bytesMedian > best.bytesMedian ? tool : best));
}

function onTool({ agent, minute, random }: Facts, tool: Tool): Omit<Extra, "bytes"> {
  return {
    action: tool.action,
    object: tool.object,
    endpoint: endpointOf(agent, tool, minute.version, random),
  };
}
