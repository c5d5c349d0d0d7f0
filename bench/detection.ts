import { randomInt } from "node:crypto";
import { type JudgedAgent, judgeAgent, SCORERS } from "./lib/detection/judge-agent.ts";
import type { ScorerTally } from "./lib/detection/product-scorer.ts";
import { figuresOf, type Reports } from "./lib/detection/report-table.ts";
import { seedReport, testFactsOf } from "./lib/detection/seed-report.ts";
import { askedNumbers } from "./lib/detection/whole-numbers.ts";
import type { Bench } from "./lib/figure.ts";
import { planScenario, type ScenarioOptions } from "./lib/scenario/plan.ts";

const SEEDS = 5;
const SEED_MAX = 1_000_000;
/** Three of each kind: what five seeds of five weeks take some minutes for, on one core. */
const AGENTS = 21;
const SMALL: Omit<ScenarioOptions, "seed"> = {
  agents: 7,
  learningDays: 9,
  testDays: 5,
  attackShareMax: 0.005,
};

/**
 * How well attacks are told from what is usual: 21 days of learning and 14 of test, on seeds never seen before
 * (`--seed 7,8` repeats a run, `--agents 28` takes more agents), beside two plain detectors on the same windows.
 */
const bench: Bench = async ({ small }) => {
  const seeds =
    askedNumbers("seed") ??
    (small ? [randomInt(SEED_MAX)] : Array.from({ length: SEEDS }, () => randomInt(SEED_MAX)));
  const size = small ? SMALL : { agents: askedNumbers("agents")?.[0] ?? AGENTS };
  console.error(
    `detection: seeds ${seeds.join(",")}, ${size.agents} agents each; repeat with --seed ${seeds.join(",")}`,
  );
  const reports: Reports = { vigil: [], "robust-z": [], "isolation-forest": [] };
  for (const seed of seeds) judgeSeed({ ...size, seed }, reports);
  return figuresOf(reports);
};
export default bench;

function judgeSeed(options: ScenarioOptions, reports: Reports): void {
  const startedAt = performance.now();
  const scenario = planScenario(options);
  const tally: ScorerTally = { learnt: 0, drifted: 0, frozen: 0 };
  const all: JudgedAgent = { vigil: [], "robust-z": [], "isolation-forest": [] };
  for (const agent of scenario.agents) {
    const judged = judgeAgent(scenario, agent, tally);
    for (const scorer of SCORERS) for (const window of judged[scorer]) all[scorer].push(window);
  }
  for (const scorer of SCORERS) reports[scorer].push(seedReport(testFactsOf(scenario), all[scorer]));
  const { learnt, drifted, frozen } = tally;
  console.error(
    `detection: seed ${options.seed} from ${new Date(scenario.startMs).toISOString().slice(0, 10)}: ${all.vigil.length} minutes, ` +
      `${learnt} baselines, ${drifted} not learnt for drift, ${frozen} for a high score; ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`,
  );
}
