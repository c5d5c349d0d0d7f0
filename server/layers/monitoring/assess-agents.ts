import type { Database } from "../../../db/client.ts";
import { allowancesOf } from "./allowance-store.ts";
import {
  baselineModels,
  type FreshSlice,
  type StandingRow,
  scoredMinutes,
  standings,
} from "./assessment-store.ts";
import { type Assessment, assess } from "./engine/assess.ts";
import { type Baseline, learningProgress } from "./engine/baseline.ts";
import type { PeerPrior } from "./engine/peer-prior.ts";
import type { Whereabouts } from "./engine/sightings.ts";
import { SLICE_MS, type Slice, WINDOW_MS } from "./engine/slice.ts";
import { learningCounts } from "./learning-store.ts";
import { peerPriorsOf } from "./peer-store.ts";
import { placesAndSeen } from "./places-and-seen.ts";
import { slicesBetween } from "./window-store.ts";

/** What the scorer keeps between runs; all of it can be read again. */
export type ScorerMemory = {
  models: Map<string, Baseline>;
  progress: Map<string, { atMs: number; words: string }>;
  /** Minutes of peers, by the id of what was learnt from them. */
  priors?: Map<string, PeerPrior>;
};

export type AssessedAgent = {
  agent: StandingRow;
  assessment: Assessment;
  slices: FreshSlice[];
  /** From where it was seen, where that is new. */
  whereabouts?: Whereabouts;
};

/** About 12 KB each; beyond that the ones in use are read again. */
const MODELS_MAX = 20_000;
const PROGRESS_MS = 60_000;
/** A slice weighs on windows of two minutes, and those reach as far back again. */
const MARGIN_MS = 2 * (WINDOW_MS - SLICE_MS);

/** Assesses agents whose slices changed, and those that fell silent. Reads only; the caller stores what follows. */
export async function assessAgents(
  db: Database,
  memory: ScorerMemory,
  fresh: readonly FreshSlice[],
  silent: readonly string[],
  now: Date,
): Promise<AssessedAgent[]> {
  const byAgent = new Map<string, FreshSlice[]>(silent.map((id) => [id, []]));
  for (const slice of fresh) byAgent.set(slice.agentId, [...(byAgent.get(slice.agentId) ?? []), slice]);
  const agents = await standings(db, [...byAgent.keys()]);
  await loadModels(db, memory, agents);
  const labels = await learningLabels(db, memory, agents, now);
  const slices = await slicesByAgent(db, byAgent);
  const allowances = await allowancesOf(db, [...byAgent.keys()], now);
  const learning = agents.filter(({ baselineId }) => baselineId === null).map(({ agentId }) => agentId);
  memory.priors ??= new Map();
  const peers = await peerPriorsOf(db, memory.priors, learning);
  const scored = await scoredMinutes(db, pastSpans(byAgent, now));
  const seen = await placesAndSeen(db, [...byAgent.keys()], slices);
  return agents.map((agent) => {
    const own = byAgent.get(agent.agentId) ?? [];
    const standing = {
      baseline: agent.baselineId ? (memory.models.get(agent.baselineId) ?? null) : null,
      learning: labels.get(agent.agentId) ?? "learning",
      response: agent.response,
      contained: agent.contained,
      allowances: allowances.get(agent.agentId) ?? [],
      peers: peers.get(agent.agentId) ?? null,
      ...(seen ? { places: { placeOf: seen.placeOf, known: seen.known.get(agent.agentId) ?? {} } } : {}),
      scored: scored.get(agent.agentId) ?? new Map(),
    };
    const changed = own.map(({ sliceMs }) => sliceMs);
    const assessment = assess(standing, slices.get(agent.agentId) ?? new Map(), changed, now.getTime());
    const whereabouts = seen?.changed.get(agent.agentId);
    return { agent, assessment, slices: own, ...(whereabouts ? { whereabouts } : {}) };
  });
}

async function loadModels(db: Database, memory: ScorerMemory, agents: readonly StandingRow[]): Promise<void> {
  if (memory.models.size > MODELS_MAX) memory.models.clear();
  const missing = agents.flatMap(({ baselineId }) =>
    baselineId && !memory.models.has(baselineId) ? [baselineId] : [],
  );
  if (missing.length === 0) return;
  for (const { id, model } of await baselineModels(db, missing)) memory.models.set(id, model);
}

async function learningLabels(db: Database, memory: ScorerMemory, agents: readonly StandingRow[], now: Date) {
  const learning = agents.filter(({ baselineId }) => baselineId === null).map(({ agentId }) => agentId);
  const due = learning.filter((id) => now.getTime() - (memory.progress.get(id)?.atMs ?? 0) > PROGRESS_MS);
  const counts = due.length > 0 ? await learningCounts(db, due, now) : new Map<string, never>();
  for (const id of due) {
    const { windows, days } = counts.get(id) ?? { windows: 0, days: 0 };
    memory.progress.set(id, { atMs: now.getTime(), words: learningProgress(windows, days).words });
  }
  return new Map(learning.map((id) => [id, memory.progress.get(id)?.words ?? "learning"]));
}

async function slicesByAgent(
  db: Database,
  byAgent: ReadonlyMap<string, FreshSlice[]>,
): Promise<Map<string, Map<number, Slice>>> {
  const spans = [...byAgent].flatMap(([agentId, own]) => {
    if (own.length === 0) return [];
    const times = own.map(({ sliceMs }) => sliceMs);
    return [{ agentId, fromMs: Math.min(...times) - MARGIN_MS, toMs: Math.max(...times) + MARGIN_MS }];
  });
  const found = new Map<string, Map<number, Slice>>();
  if (spans.length === 0) return found;
  for (const { agentId, sliceMs, state } of await slicesBetween(db, spans)) {
    const own = found.get(agentId) ?? new Map<number, Slice>();
    found.set(agentId, own.set(sliceMs, state));
  }
  return found;
}

/** Where slices of past minutes changed: the minutes that they weigh on. Nearly always there are none. */
function pastSpans(byAgent: ReadonlyMap<string, FreshSlice[]>, now: Date) {
  return [...byAgent].flatMap(([agentId, own]) => {
    const past = own.map(({ sliceMs }) => sliceMs).filter((ms) => ms + WINDOW_MS < now.getTime());
    if (past.length === 0) return [];
    return [{ agentId, fromMs: Math.min(...past), toMs: Math.max(...past) + 2 * WINDOW_MS }];
  });
}
