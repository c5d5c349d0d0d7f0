import { startBenchSystem } from "./lib/bench-system.ts";
import { type Bench, quantile } from "./lib/figure.ts";
import { insertFloor } from "./lib/floors.ts";
import type { LoadOrder } from "./lib/load.ts";
import { loadAgent, runLoad } from "./lib/run-load.ts";

/** Signed requests of 1,000 actions: the same guarantees, each action judged and folded into its window. */
const bench: Bench = async ({ small }) => {
  const seconds = small ? 1 : 10;
  const actionsPerRequest = 1_000;
  const system = await startBenchSystem(small ? 1 : 8);
  try {
    const order: LoadOrder = {
      url: `${system.env.gatewayUrl}/v1/actions`,
      agents: await Promise.all(system.agents.map(loadAgent)),
      signed: true,
      actionsPerRequest,
      seconds,
      pace: { concurrency: small ? 2 : 8 },
    };
    await runLoad({ ...order, seconds: seconds / 5 });
    const rows = await insertFloor(system.ownerUrl, Math.min(seconds, 3));
    const cpuBefore = process.cpuUsage();
    const most = await runLoad(order);
    const cpu = process.cpuUsage(cpuBefore);
    const rate = (most.latenciesMs.length * actionsPerRequest) / most.seconds;
    return [
      {
        bench: "admit-bulk",
        what: "most",
        value: rate,
        unit: "actions/s",
        floor: { what: "bare insert", value: rows },
      },
      {
        bench: "admit-bulk",
        what: "gateway's CPU for 1,000",
        value: (cpu.user + cpu.system) / 1000 / most.latenciesMs.length,
        unit: "ms",
      },
      { bench: "admit-bulk", what: "p50 of a request", value: quantile(most.latenciesMs, 0.5), unit: "ms" },
      { bench: "admit-bulk", what: "p99 of a request", value: quantile(most.latenciesMs, 0.99), unit: "ms" },
    ];
  } finally {
    await system.close();
  }
};
export default bench;
