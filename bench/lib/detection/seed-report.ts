import type { AttackKind } from "../scenario/event.ts";
import type { Scenario } from "../scenario/plan.ts";
import { ATTACKED_FEATURES } from "./attacked-features.ts";
import { medianOf } from "./robust-z.ts";
import {
  averagePrecision,
  benignWindows,
  calibrationError,
  detectionOf,
  type Event,
  eventRecall,
  eventsOf,
  falseAlertRate,
  falseAlertsByCause,
  hourPeaks,
  type JudgedWindow,
  recallByKind,
  recoveryHours,
  thresholdAt,
  thresholdForRecall,
} from "./soc-metrics.ts";

/** What the thresholds of the response are declared to stand for: false alerts an agent and day. */
export const DECLARED = { "0.5": 1, "0.7": 0.1, "0.9": 0.01 } as const;
/** The budget at which delay, loss, causes and kinds are looked at. */
const BUDGET = 0.25;
const TAKES_DATA: readonly string[] = ["burst-exfiltration", "slow-exfiltration"];

/** One scorer's figures on one seed; those that cannot be told (no attack of a kind, nothing found) are NaN. */
export type SeedReport = {
  values: Record<string, number>;
  kinds: Map<string, { found: number; of: number }>;
  causes: Map<string, number>;
};

/** What the figures are relative to: agents times days of the test, and when a new version came to which agent. */
export type TestFacts = { agentDays: number; deploys: readonly { agent: number; fromMs: number }[] };

/** Figures of one scorer on one scenario, by the names of `report-table.ts`. */
export function seedReport({ agentDays, deploys }: TestFacts, windows: readonly JudgedWindow[]): SeedReport {
  const benign = benignWindows(windows);
  const peaks = hourPeaks(benign);
  const events = eventsOf(windows);
  const threshold = thresholdAt(peaks, BUDGET, agentDays);
  const causes = falseAlertsByCause(benign, threshold);
  const alerts = [...causes.values()].reduce((sum, count) => sum + count, 0);
  const values: Record<string, number> = {
    alertsAtRecall60: falseAlertRate(peaks, thresholdForRecall(events, 0.6), agentDays),
    alertsAtRecall75: falseAlertRate(peaks, thresholdForRecall(events, 0.75), agentDays),
    ...delays(events, threshold),
    benignShare: alerts === 0 ? 0 : 1 - (causes.get("none") ?? 0) / alerts,
    contained: (benign.filter(({ contains }) => contains).length * 1_000) / agentDays,
    recovery: meanOf(deploys.map(({ agent, fromMs }) => recoveryHours(benign, agent, fromMs, threshold))),
    topNamed: topNamed(events, threshold),
    averagePrecision: averagePrecision(windows),
    recallAtQuarter: eventRecall(events, threshold),
    recallAtOne: eventRecall(events, thresholdAt(peaks, 1, agentDays)),
    recallAt90: eventRecall(events, 0.9),
    attackShare: windows.filter(({ attack }) => attack).length / windows.length,
    events: events.length,
    chance: chanceRecall(events),
  };
  for (const [at, declared] of Object.entries(DECLARED)) {
    const measured = falseAlertRate(peaks, Number(at), agentDays);
    values[`alertsAt${at}`] = measured;
    values[`calibration${at}`] = calibrationError(measured, declared, agentDays);
  }
  return { values, kinds: recallByKind(events, threshold), causes };
}

function delays(events: readonly Event[], threshold: number) {
  const found = events.map((event) => ({ event, ...detectionOf(event, threshold) }));
  const minutes = found.flatMap((it) => (it.minutes === null ? [] : [it.minutes]));
  const lost = found.flatMap(({ event, bytesLost }) =>
    TAKES_DATA.includes(event.kind) && event.bytes > 0 ? [bytesLost / event.bytes] : [],
  );
  return { minutesToDetect: minutes.length > 0 ? medianOf(minutes) : Number.NaN, dataLost: meanOf(lost) };
}

/** Of the attacks found, the share whose first alarm in an attacked minute names a feature that was attacked first. */
function topNamed(events: readonly Event[], threshold: number): number {
  const named = events.flatMap(({ kind, windows }) => {
    const first = windows.find(({ attack, score }) => attack !== null && score > threshold);
    return first ? [ATTACKED_FEATURES[kind as AttackKind].includes(first.top ?? "") ? 1 : 0] : [];
  });
  return meanOf(named);
}

/** What a scorer that alarms at random hours would find at the same budget: the floor of event recall. */
function chanceRecall(events: readonly Event[]): number {
  return meanOf(events.map(({ windows }) => 1 - (1 - BUDGET / 24) ** Math.ceil(windows.length / 60)));
}

/** What a scenario's figures are relative to. */
export function testFactsOf({ agents, episodes, testMs, endMs }: Scenario): TestFacts {
  return {
    agentDays: (agents.length * (endMs - testMs)) / 86_400_000,
    deploys: episodes.filter(({ kind, fromMs }) => kind === "deploy" && fromMs >= testMs && fromMs < endMs),
  };
}

/** NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
