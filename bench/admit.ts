import { startBenchSystem } from "./lib/bench-system.ts";
import { type Bench, quantile } from "./lib/figure.ts";
import { httpsFloor, insertFloor, verifyFloor } from "./lib/floors.ts";
import type { LoadOrder } from "./lib/load.ts";
import { loadAgent, runLoad } from "./lib/run-load.ts";

/** The seed's rate: 50,000 transactions a minute. */
const PER_SECOND = 833;

/** Single-action requests: signed, token-bound, over kept-alive mutual TLS, durable before the 202. */
const bench: Bench = async ({ small }) => {
  const seconds = small ? 1 : 10;
  const system = await startBenchSystem(small ? 2 : 16);
  try {
    const order: LoadOrder = {
      url: `${system.env.gatewayUrl}/v1/actions`,
      agents: await Promise.all(system.agents.map(loadAgent)),
      signed: true,
      actionsPerRequest: 1,
      seconds,
      pace: { concurrency: 64 },
    };
    const bare = await httpsFloor(system, order);
    const rows = await insertFloor(system.ownerUrl, Math.min(seconds, 3));
    const signatures = verifyFloor(seconds * 100);
    await runLoad({ ...order, seconds: seconds / 5 });
    const cpuBefore = process.cpuUsage();
    const most = await runLoad(order);
    const cpu = process.cpuUsage(cpuBefore);
    const rate = most.latenciesMs.length / most.seconds;
    const steady = await runLoad({ ...order, pace: { perSecond: small ? 50 : PER_SECOND } });
    const at = small ? "50/s" : `${PER_SECOND}/s`;
    const latency = (q: number) => quantile(steady.latenciesMs, q);
    return [
      {
        bench: "admit",
        what: "most",
        value: rate,
        unit: "requests/s",
        floor: { what: "bare https", value: bare },
      },
      {
        bench: "admit",
        what: "most",
        value: rate,
        unit: "requests/s",
        floor: { what: "bare insert", value: rows },
      },
      {
        bench: "admit",
        what: "most",
        value: rate,
        unit: "requests/s",
        floor: { what: "Ed25519", value: signatures },
      },
      {
        bench: "admit",
        what: "gateway's CPU for one",
        value: (cpu.user + cpu.system) / 1000 / most.latenciesMs.length,
        unit: "ms",
      },
      { bench: "admit", what: "p50 of most", value: quantile(most.latenciesMs, 0.5), unit: "ms" },
      { bench: "admit", what: `p50 at ${at}`, value: latency(0.5), unit: "ms" },
      { bench: "admit", what: `p99 at ${at}`, value: latency(0.99), unit: "ms" },
      { bench: "admit", what: `worst at ${at}`, value: latency(1), unit: "ms" },
    ];
  } finally {
    await system.close();
  }
};
export default bench;
