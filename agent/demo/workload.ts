import type { Curve, Profile } from "./profiles.ts";

/** A number in [0,1), from a seeded generator: the same seed makes the same bank. */
export type Random = () => number;

export type Call = {
  action: string;
  endpoint: string;
  peer?: string;
  dataAccessed?: string[];
  bytes: number;
  sourceIp: string;
};

/** A seeded generator (Mulberry32): good enough for workloads, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Standard normal, by Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Share of the peak rate at a local hour (0 to 24, fractions too) of a day (0 is Monday). */
export function activity(curve: Curve, hour: number, day: number): number {
  const weekend = day >= 5;
  const bump = (centre: number, width: number) => {
    const away = ((hour - centre + 36) % 24) - 12;
    return Math.exp(-(away * away) / (2 * width * width));
  };
  switch (curve) {
    case "steady":
      return (0.55 + 0.45 * bump(14, 5)) * (weekend ? 0.8 : 1);
    case "business":
      return 0.04 + (weekend ? 0.08 : 0.96) * bump(13, 3);
    case "daytime":
      return hour < 6 || hour >= 20 ? 0 : (weekend ? 0.5 : 1) * bump(13, 4);
    case "evening":
      return 0.3 + 0.7 * bump(19, 4) * (weekend ? 1.1 : 1);
    case "nightly":
      return 0.05 + 0.95 * bump(3, 2) * (weekend ? 0.6 : 1);
  }
}

/** How many calls happen in a stretch with this expectation (Poisson; normal beyond 50). */
export function poisson(mean: number, random: Random): number {
  if (mean <= 0) return 0;
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/** Walks an agent's usual steps: each call follows from the one before, as the profile's odds say. */
export function usualCalls(profile: Profile, random: Random): (count: number) => Call[] {
  let at = Object.keys(profile.steps)[0] ?? "";
  return (count) =>
    Array.from({ length: count }, () => {
      const step = profile.steps[at];
      if (!step) throw new Error(`${profile.name} has no step ${at}`);
      at = choose(step.next, random);
      return {
        action: step.action,
        endpoint: step.endpoint,
        ...(step.peer ? { peer: step.peer } : {}),
        ...(step.dataAccessed ? { dataAccessed: step.dataAccessed } : {}),
        bytes: Math.round(step.bytesMedian * Math.exp(0.35 * normal(random))),
        sourceIp: `${profile.network}.${10 + Math.floor(random() * 3)}`,
      };
    });
}

const STOLEN_CALLS_PER_MINUTE = 850;
const STOLEN_BYTES_PER_MINUTE = 1e9;
const STOLEN_ENDPOINTS = [
  "/accounts/export",
  "/cards/numbers",
  "/customers/search",
  "/ledger/dump",
  "/statements/all",
  "/payments/archive",
];

/** What the thief does with valid credentials: 850 calls and 1 GB a minute, in no order, from a strange network. */
export function stolenCalls(profile: Profile, random: Random): (seconds: number) => Call[] {
  const actions = Object.values(profile.steps).map((step) => step.action);
  return (seconds) =>
    Array.from({ length: Math.round((STOLEN_CALLS_PER_MINUTE / 60) * seconds) }, () => ({
      action: pick(actions, random),
      endpoint: `${pick(STOLEN_ENDPOINTS, random)}/${Math.floor(random() * 40)}`,
      dataAccessed: ["account_history", "customer_profile"],
      bytes: Math.round((STOLEN_BYTES_PER_MINUTE / STOLEN_CALLS_PER_MINUTE) * (0.6 + 0.8 * random())),
      sourceIp: "203.0.113.7",
    }));
}

function pick<T>(from: readonly T[], random: Random): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error("nothing to pick from");
  return chosen;
}

function choose(odds: Record<string, number>, random: Random): string {
  let left = random();
  for (const [name, share] of Object.entries(odds)) {
    left -= share;
    if (left < 0) return name;
  }
  return Object.keys(odds).at(-1) ?? "";
}
