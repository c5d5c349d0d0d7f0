import type { WindowFeatures } from "../schema.ts";
import { deviationsOfTail, significant } from "./robust.ts";

/** Networks the agent was seen from, by the number of days, and how unlikely a new one is. */
export type NetworkModel = { days: Record<string, number>; newDeviations: number };

const NETWORKS_MAX = 500;
/** One day alone does not make a network known: an attack inside the learning time would be learnt. */
const KNOWN_DAYS_MIN = 2;

/** Learns the networks, or null where no window names any. */
export function learnNetworks(
  windows: readonly WindowFeatures[],
  days: readonly number[],
): NetworkModel | null {
  const seen = new Map<string, Set<number>>();
  let named = 0;
  windows.forEach((window, i) => {
    for (const network in window.networks) {
      named += 1;
      const on = seen.get(network) ?? new Set();
      seen.set(network, on.add(days[i] ?? 0));
    }
  });
  if (named === 0) return null;
  const kept = [...seen].sort((a, b) => b[1].size - a[1].size).slice(0, NETWORKS_MAX);
  const once = kept.filter(([, on]) => on.size === 1).length;
  // Good–Turing: what was seen on one day alone tells how often something new comes.
  const newDeviations = significant(deviationsOfTail((once + 1) / (named + 2)));
  return { days: Object.fromEntries(kept.map(([network, on]) => [network, on.size])), newDeviations };
}

/** The share of calls from networks that are not known, and its deviations. */
export function measureNetworks(
  model: NetworkModel,
  networks: Record<string, number>,
): { share: number; deviations: number; strangers: string[] } {
  let calls = 0;
  let strange = 0;
  const strangers: string[] = [];
  for (const network in networks) {
    const count = networks[network] ?? 0;
    calls += count;
    const days = Object.hasOwn(model.days, network) ? (model.days[network] ?? 0) : 0;
    if (days >= KNOWN_DAYS_MIN) continue;
    strange += count;
    strangers.push(network);
  }
  const share = calls === 0 ? 0 : strange / calls;
  return { share, deviations: model.newDeviations * Math.sqrt(share), strangers: strangers.sort() };
}
