import type { WindowFeatures } from "../../../server/layers/monitoring/schema.ts";
import { localTime } from "../scenario/calendar.ts";

/**
 * A window as numbers for detectors that know nothing of agents: the same features, sizes as logarithms, and the shares
 * of networks and of transitions that learning never saw (most minutes: 0), and the hour.
 */
export function plainFeatures(
  learnt: readonly WindowFeatures[],
): (window: WindowFeatures, atMs: number) => number[] {
  const networks = new Set(learnt.flatMap((window) => Object.keys(window.networks)));
  const steps = surprises(learnt);
  return (window, atMs) => [
    Math.log1p(window.apiCallsPerMinute),
    Math.log1p(window.dataMegabytes * 1_000),
    Math.log1p(window.uniqueEndpoints),
    Math.log1p(window.bytesPerCall),
    window.refusedRatio,
    shareOf(window.networks, (name) => (networks.has(name) ? 0 : 1)),
    shareOf(window.transitions, steps),
    ...clock(atMs),
  ];
}

/** How many of the features are not the hour. */
export const PLAIN_VALUES = 7;

function clock(atMs: number): number[] {
  const { minute, weekday } = localTime(atMs - 30_000);
  const angle = (2 * Math.PI * minute) / 1_440;
  return [Math.sin(angle), Math.cos(angle), weekday < 5 ? 0 : 1];
}

/** -log2 of how likely a step is after the one before, by counts with one added. */
function surprises(learnt: readonly WindowFeatures[]): (step: string) => number {
  const counts = new Map<string, number>();
  const from = new Map<string, number>();
  for (const { transitions } of learnt)
    for (const [step, count] of Object.entries(transitions)) {
      const first = step.slice(0, step.indexOf(">"));
      counts.set(step, (counts.get(step) ?? 0) + count);
      from.set(first, (from.get(first) ?? 0) + count);
    }
  return (step) => {
    const total = from.get(step.slice(0, step.indexOf(">"))) ?? 0;
    return -Math.log2(((counts.get(step) ?? 0) + 1) / (total + from.size + 1));
  };
}

function shareOf(counts: Readonly<Record<string, number>>, value: (name: string) => number): number {
  let [sum, total] = [0, 0];
  for (const [name, count] of Object.entries(counts)) {
    sum += count * value(name);
    total += count;
  }
  return total === 0 ? 0 : sum / total;
}
