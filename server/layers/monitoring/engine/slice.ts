import { addTo, type Counter, emptyCounter, mergeCounters } from "./counter.ts";
import { addDistinct, type DistinctSketch, mergeDistinct } from "./distinct.ts";
import { networkOf } from "./network.ts";
import { plainAddress } from "./place-of.ts";
import { mergeRuleCells, type RuleCells } from "./rules/cells.ts";
import { mergeSeen, noteSeen, type Seen } from "./sightings.ts";

/** What one action says of behaviour. Everything but `refused` and `late` comes from the agent. */
export type ActionFacts = {
  action: string;
  /** Milliseconds since 1970: when the agent says it happened. */
  atMs: number;
  endpoint?: string | undefined;
  bytes?: number | undefined;
  /** Where the call came from: as claimed, or else the address the gateway saw. */
  sourceIp?: string | undefined;
  /** The address of the connection, by the gateway, and when it came: no claim can hide it. */
  seen?: { address: string; atMs: number } | undefined;
  peer?: string | undefined;
  dataAccessed?: readonly string[] | undefined;
  /** Whether a layer refused it: refused actions are behaviour too. */
  refused: boolean;
  /** Outside the time that is believed (`sliceOf`): counted as late, not scored. */
  late?: boolean | undefined;
};

/** An unbroken run of actions as one gateway saw it: [first at, first action, last at, last action]. */
type Run = [number, string, number, string];

/** What one agent did in ten seconds. JSON, and mergeable in any order: the counts of several gateways add up. */
export type Slice = {
  v: 1;
  calls: number;
  refused: number;
  late: number;
  bytes: number;
  endpoints: DistinctSketch;
  transitions: Counter;
  networks: Counter;
  data: Counter;
  peers: Counter;
  runs: Run[];
  /** What the rules over a span counted; absent where nothing did, and in slices of before there were such rules. */
  rules?: RuleCells;
  /** Absent where no gateway said so: older ones did not. */
  seen?: Seen;
  /** Actions that claim an address of another network than their connection's. */
  claimed?: number;
};

export const SLICE_MS = 10_000;
export const WINDOW_MS = 60_000;
/** An action's `at` is believed this far back and ahead of the server. */
export const BELIEVED_BACK_MS = 600_000;
export const BELIEVED_AHEAD_MS = 300_000;

const TRANSITIONS_MAX = 128;
const NETWORKS_MAX = 32;
const DATA_MAX = 32;
const PEERS_MAX = 32;
const RUNS_MAX = 64;

export function emptySlice(): Slice {
  return {
    v: 1,
    calls: 0,
    refused: 0,
    late: 0,
    bytes: 0,
    endpoints: [],
    transitions: emptyCounter(),
    networks: emptyCounter(),
    data: emptyCounter(),
    peers: emptyCounter(),
    runs: [],
  };
}

/**
 * The slice an action belongs to: by its own time while that is believed, else by its arrival, as late.
 * An agent that spreads a burst over the believed past gains at most 15 minutes of its own usual volume.
 *
 * @returns start of the slice in milliseconds since 1970, and whether the action is too far off to be scored.
 */
export function sliceOf(atMs: number, receivedMs: number): { sliceMs: number; late: boolean } {
  const late = atMs < receivedMs - BELIEVED_BACK_MS || atMs > receivedMs + BELIEVED_AHEAD_MS;
  const basis = late ? receivedMs : atMs;
  return { sliceMs: basis - (basis % SLICE_MS), late };
}

/** Counts one action into the slice, in place (a gateway folds hundreds of thousands a second), and returns it. */
export function foldAction(slice: Slice, facts: ActionFacts): Slice {
  if (facts.seen) noteConnection(slice, facts, facts.seen);
  if (facts.late) {
    slice.late += 1;
    return slice;
  }
  slice.calls += 1;
  if (facts.refused) slice.refused += 1;
  if (facts.bytes !== undefined && facts.bytes > 0) slice.bytes += facts.bytes;
  addDistinct(slice.endpoints, facts.endpoint ?? facts.action);
  addTo(slice.networks, networkOf(facts.sourceIp), 1, NETWORKS_MAX);
  if (facts.peer) addTo(slice.peers, facts.peer, 1, PEERS_MAX);
  if (facts.dataAccessed) for (const kind of facts.dataAccessed) addTo(slice.data, kind, 1, DATA_MAX);
  extendRun(slice, facts);
  return slice;
}

/** Late actions came over a connection as well: calling them late must not hide from where. */
function noteConnection(
  slice: Slice,
  facts: ActionFacts,
  { address, atMs }: { address: string; atMs: number },
) {
  slice.seen ??= {};
  noteSeen(slice.seen, plainAddress(address), atMs);
  if (!facts.late && facts.sourceIp && networkOf(facts.sourceIp) !== networkOf(address))
    slice.claimed = (slice.claimed ?? 0) + 1;
}

/** Adds two slices of one agent and time. Commutative and associative: no order of merging changes a feature. */
export function mergeSlices(a: Slice, b: Slice): Slice {
  const rules = mergeRuleCells(a.rules, b.rules);
  return {
    v: 1,
    calls: a.calls + b.calls,
    refused: a.refused + b.refused,
    late: a.late + b.late,
    bytes: a.bytes + b.bytes,
    endpoints: mergeDistinct(a.endpoints, b.endpoints),
    transitions: mergeCounters(a.transitions, b.transitions, TRANSITIONS_MAX),
    networks: mergeCounters(a.networks, b.networks, NETWORKS_MAX),
    data: mergeCounters(a.data, b.data, DATA_MAX),
    peers: mergeCounters(a.peers, b.peers, PEERS_MAX),
    runs: mergeRuns(a.runs, b.runs),
    ...(rules ? { rules } : {}),
    ...mergeConnections(a, b),
  };
}

function mergeConnections(a: Slice, b: Slice): Pick<Slice, "seen" | "claimed"> {
  const seen = mergeSeen(a.seen, b.seen);
  const claimed = (a.claimed ?? 0) + (b.claimed ?? 0);
  return { ...(seen ? { seen } : {}), ...(claimed > 0 ? { claimed } : {}) };
}

/** All transitions of a slice or window: those inside each run, and those from one run to the next in time. */
export function transitionsOf(slice: Slice): Counter {
  const all: Counter = { n: { ...slice.transitions.n }, other: slice.transitions.other };
  for (let i = 1; i < slice.runs.length; i++) {
    const before = slice.runs[i - 1];
    const after = slice.runs[i];
    if (before && after) addTo(all, `${before[3]}>${after[1]}`, 1, TRANSITIONS_MAX);
  }
  return all;
}

function extendRun(slice: Slice, facts: ActionFacts): void {
  const action = stepName(facts.action);
  const run = slice.runs[slice.runs.length - 1];
  if (!run) {
    slice.runs.push([facts.atMs, action, facts.atMs, action]);
    return;
  }
  addTo(slice.transitions, `${run[3]}>${action}`, 1, TRANSITIONS_MAX);
  if (facts.atMs > run[2]) run[2] = facts.atMs;
  run[3] = action;
}

/** An action's name inside a transition: short, and without the arrow that joins two names. */
function stepName(action: string): string {
  const short = action.length > 36 ? action.slice(0, 36).toWellFormed() : action;
  return short.includes(">") ? short.replaceAll(">", "›") : short;
}

/** The earliest runs are kept: beyond the limit the transitions between runs are a sample, which their mean forgives. */
function mergeRuns(a: Run[], b: Run[]): Run[] {
  return [...a, ...b].sort(compareRuns).slice(0, RUNS_MAX);
}

function compareRuns(a: Run, b: Run): number {
  return a[0] - b[0] || a[2] - b[2] || compareText(a[1], b[1]) || compareText(a[3], b[3]);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
