import type { Tool } from "./agent-kinds.ts";
import type { Network, ScenarioAgent } from "./agents.ts";
import type { CallEvent } from "./event.ts";
import type { Random } from "./random.ts";

/** How an agent behaves in one minute, before chance: benign change turns these. */
export type Minute = {
  fromMs: number;
  calls: number;
  bytesFactor: number;
  networks: readonly Network[];
  refusedShare: number;
  /** How often a refused call is tried again. */
  retries: number;
  /** Tools in another order since a new version: their positions, or null. */
  order: readonly number[] | null;
  /** Names of endpoints since a new version. */
  version: number;
  /** Calls beside the usual work. */
  extra: Extra[];
  /** How much later than usual its calls arrive. */
  heldBackMs: number;
};

export type Extra = {
  action: string;
  endpoint: string;
  object: string;
  bytes: number;
  peer?: string;
  refusedShare?: number;
};

/** Where an agent is in its work: its next tool, the call before, the number of calls made. */
export type Walk = { tool: number; parent: string | null; made: number };

const MINUTE_MS = 60_000;
/** A certificate lives a day, a token ten minutes, as the bank's agents' do. */
const CERTIFICATE_MS = 86_400_000;
const TOKEN_MS = 600_000;
/** A task of calls that cause each other ends after one call in twelve. */
const TASK_END = 1 / 12;

/** The calls of a minute's ordinary work, in the order they are made. */
export function usualCalls(agent: ScenarioAgent, minute: Minute, walk: Walk, random: Random): CallEvent[] {
  const times = timesIn(minute.fromMs, random.poisson(minute.calls), random);
  const calls: CallEvent[] = [];
  for (const atMs of times) {
    const tool = step(agent, minute, walk, random);
    const call = callOf(agent, minute, walk, random, {
      atMs,
      action: tool.action,
      endpoint: endpointOf(agent, tool, minute.version, random),
      object: tool.object,
      bytes: random.size(tool.bytesMedian * agent.bytesFactor * minute.bytesFactor, tool.bytesSigma),
      refusedShare: minute.refusedShare,
    });
    calls.push(call);
    for (let again = 1; call.refused && again <= minute.retries; again++)
      calls.push({ ...call, id: nextId(agent, walk), atMs: atMs + 400 * again });
  }
  for (const extra of minute.extra) {
    const atMs = minute.fromMs + Math.floor(random.between(0, MINUTE_MS));
    calls.push(callOf(agent, minute, walk, random, { ...extra, atMs }));
  }
  return calls.sort((a, b) => a.atMs - b.atMs);
}

/** One call by the agent's own identity. A refused call moves no data to speak of. */
export function callOf(
  agent: ScenarioAgent,
  { networks }: Pick<Minute, "networks">,
  walk: Walk,
  random: Random,
  what: Extra & { atMs: number; attack?: string },
): CallEvent {
  const { atMs, action, endpoint, object } = what;
  const refused = random.chance(what.refusedShare ?? 0);
  const network =
    networks.length === 1 ? networks[0] : networks[random.weighted(networks.map((_, i) => 1 / (i + 1)))];
  const { prefix, asn, country } = network ?? agent.standby;
  if (random.chance(TASK_END)) walk.parent = null;
  const id = nextId(agent, walk);
  const parent = walk.parent;
  walk.parent = id;
  return {
    agent: agent.name,
    id,
    parent,
    atMs,
    receivedMs: atMs,
    action,
    endpoint,
    object,
    bytes: refused ? Math.min(what.bytes, 300) : what.bytes,
    sourceIp: `${prefix}.${10 + (agent.index % 4)}`,
    asn,
    country,
    thumbprint: `${agent.name}/${Math.floor(atMs / CERTIFICATE_MS)}`,
    tokenId: `${agent.name}/${Math.floor(atMs / TOKEN_MS)}`,
    peer: what.peer ?? null,
    refused,
    attack: what.attack ?? null,
  };
}

/** Instants inside a minute, ascending. */
export function timesIn(fromMs: number, count: number, random: Random): number[] {
  return Array.from({ length: count }, () => fromMs + Math.floor(MINUTE_MS * random.next())).sort(
    (a, b) => a - b,
  );
}

/** An endpoint of a tool: the first most often. */
export function endpointOf(agent: ScenarioAgent, tool: Tool, version: number, random: Random): string {
  const which = Math.min(tool.endpoints - 1, Math.floor(tool.endpoints * random.next() ** 2.2));
  return `/${agent.kind.name}/${tool.action}/v${version}/${which}`;
}

function step(agent: ScenarioAgent, { order }: Minute, walk: Walk, random: Random): Tool {
  const { tools } = agent.kind;
  const at = tools[walk.tool] ?? tools[0];
  walk.tool = random.weighted(at?.next ?? [1]);
  // A new version does the same work in another order: each tool stands where another stood.
  const tool = tools[order?.[walk.tool] ?? walk.tool] ?? at;
  if (!tool) throw new RangeError(`${agent.name} has no tools`);
  return tool;
}

function nextId(agent: ScenarioAgent, walk: Walk): string {
  walk.made += 1;
  return `${agent.index}-${walk.made}`;
}
