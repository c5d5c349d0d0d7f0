/**
 * `node bench/scenario-csv.ts --seed 7 --out f.csv [--agents 28] [--learning-days 21] [--test-days 14]`: the minutes of a
 * labelled scenario as `vigil score --features f.csv` reads them (entity, t, split, features), and what is true of
 * them in `f.labels.csv`, which no scorer may read.
 */
import { createWriteStream, type WriteStream } from "node:fs";
import { parseArgs } from "node:util";
import { plainFeatures } from "./lib/detection/plain-features.ts";
import { wholeNumbers } from "./lib/detection/whole-numbers.ts";
import type { ScenarioAgent } from "./lib/scenario/agents.ts";
import { planScenario, type Scenario } from "./lib/scenario/plan.ts";
import { type LabelledWindow, windowsOf } from "./lib/scenario/windows.ts";

const USAGE =
  "node bench/scenario-csv.ts --seed <whole number> --out <file.csv> [--agents <n>] [--learning-days <n>] [--test-days <n>]";
const HEAD =
  "entity,t,split,api_calls_per_minute,data_megabytes,unique_endpoints,bytes_per_call,refused_ratio,late,new_network_share,surprise_per_step";
const LABELS = "entity,t,split,attack,kind,attack_bytes,benign";
/** Positions of the two features among the plain ones that compare with what learning saw. */
const [NEW_NETWORKS, SURPRISE] = [5, 6];

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    out: { type: "string" },
    agents: { type: "string", default: "28" },
    "learning-days": { type: "string", default: "21" },
    "test-days": { type: "string", default: "14" },
  },
});
const numbers = wholeNumbers([values.seed, values.agents, values["learning-days"], values["test-days"]]);
if (!numbers || !values.out?.endsWith(".csv")) {
  console.error(`usage: ${USAGE}`);
  process.exit(2);
}
const [seed = 0, agents = 0, learningDays = 0, testDays = 0] = numbers;
const scenario = planScenario({ seed, agents, learningDays, testDays });
const features = createWriteStream(values.out);
const labels = createWriteStream(values.out.replace(/\.csv$/, ".labels.csv"));
features.write(`${HEAD}\n`);
labels.write(`${LABELS}\n`);
const counts = { rows: 0, attacked: 0 };
for (const agent of scenario.agents) {
  await writeAgent(scenario, agent);
  console.error(`${agent.name}: ${counts.rows} rows so far`);
}
await Promise.all([features, labels].map((file) => new Promise((resolve) => file.end(resolve))));
console.error(
  `seed ${seed}: ${counts.rows} minutes of ${agents} agents, ${counts.attacked} attacked ones in the test, in ${values.out}`,
);

async function writeAgent(scenario: Scenario, agent: ScenarioAgent): Promise<void> {
  const windows = [...windowsOf(scenario, agent)];
  const learnt = windows.filter(({ split }) => split === "learning").map((window) => window.features);
  const plain = plainFeatures(learnt);
  for (const window of windows) {
    const at = `${agent.name},${new Date(window.atMs).toISOString()},${window.split === "learning" ? "train" : "test"}`;
    await write(features, `${at},${cells(window, plain(window.features, window.atMs)).join(",")}`);
    const kind = window.attack?.slice(0, window.attack.indexOf("#"));
    await write(
      labels,
      `${at},${window.attack ?? ""},${kind ?? ""},${window.attackBytes},${window.benign ?? ""}`,
    );
    counts.rows += 1;
    if (window.attack && window.split === "test") counts.attacked += 1;
  }
}

function cells({ features: f }: LabelledWindow, plain: readonly number[]): number[] {
  return [
    f.apiCallsPerMinute,
    f.dataMegabytes,
    f.uniqueEndpoints,
    Math.round(f.bytesPerCall * 10) / 10,
    Math.round(f.refusedRatio * 1e4) / 1e4,
    f.late,
    Math.round((plain[NEW_NETWORKS] ?? 0) * 1e4) / 1e4,
    Math.round((plain[SURPRISE] ?? 0) * 1e4) / 1e4,
  ];
}

async function write(file: WriteStream, line: string): Promise<void> {
  if (!file.write(`${line}\n`)) await new Promise<void>((resolve) => file.once("drain", () => resolve()));
}
