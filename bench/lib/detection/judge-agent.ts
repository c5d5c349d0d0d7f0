import type { ScenarioAgent } from "../scenario/agents.ts";
import { localTime } from "../scenario/calendar.ts";
import type { Scenario } from "../scenario/plan.ts";
import { randomOf } from "../scenario/random.ts";
import { type LabelledWindow, windowsOf } from "../scenario/windows.ts";
import { isolationForest } from "./isolation-forest.ts";
import { PLAIN_VALUES, plainFeatures } from "./plain-features.ts";
import { productScorer, type ScorerTally } from "./product-scorer.ts";
import { robustZ } from "./robust-z.ts";
import type { JudgedWindow } from "./soc-metrics.ts";

export const SCORERS = ["vigil", "robust-z", "isolation-forest"] as const;
export type ScorerName = (typeof SCORERS)[number];

/** An agent's test minutes as each scorer judges them. */
export type JudgedAgent = Record<ScorerName, JudgedWindow[]>;

/** Lets every scorer learn from an agent's first weeks and judge the rest. */
export function judgeAgent(scenario: Scenario, agent: ScenarioAgent, tally: ScorerTally): JudgedAgent {
  const product = productScorer(scenario.testMs, tally);
  const learnt: LabelledWindow[] = [];
  const judged: JudgedAgent = { vigil: [], "robust-z": [], "isolation-forest": [] };
  let plain: ReturnType<typeof learnPlain> | null = null;
  for (const window of windowsOf(scenario, agent)) {
    const { score, named, contains } = product.see(window);
    if (window.split === "learning") {
      learnt.push(window);
      continue;
    }
    plain ??= learnPlain(scenario, agent, learnt);
    const truth = {
      agent: agent.index,
      atMs: window.atMs,
      attack: window.attack,
      attackBytes: window.attackBytes,
      benign: window.benign,
    };
    judged.vigil.push({ ...truth, score, top: named[0] ?? null, contains });
    const { forest, z } = plain(window);
    judged["isolation-forest"].push({ ...truth, score: forest, top: null, contains: false });
    judged["robust-z"].push({ ...truth, score: z, top: null, contains: false });
  }
  return judged;
}

/** Both plain detectors, learnt once from all of the learning phase: nobody cleans it for them, as nobody does for Vigil. */
function learnPlain(scenario: Scenario, agent: ScenarioAgent, learnt: readonly LabelledWindow[]) {
  const numbers = plainFeatures(learnt.map(({ features }) => features));
  const points = learnt.map(({ features, atMs }) => numbers(features, atMs));
  const forest = isolationForest(points, randomOf(scenario.seed, "forest", agent.index));
  const z = robustZ(
    points.map((point) => point.slice(0, PLAIN_VALUES)),
    learnt.map(({ atMs }) => hourOf(atMs)),
  );
  return ({ features, atMs }: LabelledWindow) => {
    const point = numbers(features, atMs);
    return { forest: forest(point), z: z(point.slice(0, PLAIN_VALUES), hourOf(atMs)) };
  };
}

function hourOf(atMs: number): number {
  const { minute, weekday } = localTime(atMs - 30_000);
  return weekday * 24 + Math.floor(minute / 60);
}
