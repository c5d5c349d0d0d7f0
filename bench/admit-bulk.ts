import { startBenchSystem } from "./lib/bench-system.ts";
import type { Bench } from "./lib/figure.ts";
import { insertFloor } from "./lib/floors.ts";
import { loadFigures, measureLoad } from "./lib/measure-load.ts";
import { loadAgent } from "./lib/run-load.ts";

const ACTIONS = 1_000;

/**
 * Signed requests of 1,000 actions: the same guarantees, each action judged and folded into its window. The worker
 * chains and signs them and folds the windows; it does not score them, since it would limit agents that do so much
 * from their first minute.
 */
const bench: Bench = async ({ small }) => {
  const seconds = small ? 1 : 10;
  const system = await startBenchSystem(small ? 1 : 8, ["score-windows"]);
  try {
    const most = await measureLoad(system, {
      url: `${system.env.gatewayUrl}/v1/actions`,
      agents: await Promise.all(system.agents.map(loadAgent)),
      signed: true,
      actionsPerRequest: ACTIONS,
      warmSeconds: seconds / 4,
      seconds,
      pace: { concurrency: small ? 2 : 8 },
    });
    const rows = await insertFloor(system.ownerUrl, Math.min(seconds, 3));
    return [
      {
        bench: "admit-bulk",
        what: "most",
        value: (most.latenciesMs.length * ACTIONS) / most.seconds,
        unit: "actions/s",
        floor: { what: "bare insert", value: rows },
      },
      ...loadFigures("admit-bulk", "of 1,000", most),
    ];
  } finally {
    await system.close();
  }
};
export default bench;
