import { startBenchSystem } from "./lib/bench-system.ts";
import type { Bench, Figure } from "./lib/figure.ts";
import { httpsFloor, insertFloor, verifyFloor } from "./lib/floors.ts";
import type { LoadOrder } from "./lib/load.ts";
import { loadFigures, measureLoad } from "./lib/measure-load.ts";
import { loadAgent } from "./lib/run-load.ts";

/** The seed's rate: 50,000 transactions a minute. */
const PER_SECOND = 833;
/** Enough of them that none makes 1,000 calls in a minute, for which a new agent is limited. */
const AGENTS = 64;

/**
 * Single-action requests: signed, token-bound, over kept-alive mutual TLS, durable before the 202, while the
 * worker chains, signs and scores them.
 */
const bench: Bench = async ({ small }) => {
  const seconds = small ? 1 : 10;
  const perSecond = small ? 50 : PER_SECOND;
  const system = await startBenchSystem(small ? 4 : AGENTS);
  try {
    const order: LoadOrder = {
      url: `${system.env.gatewayUrl}/v1/actions`,
      agents: await Promise.all(system.agents.map(loadAgent)),
      signed: true,
      actionsPerRequest: 1,
      warmSeconds: seconds / 4,
      seconds,
      pace: { concurrency: 64 },
    };
    const most = await measureLoad(system, order);
    const steady = await measureLoad(system, { ...order, pace: { perSecond } });
    const rate = most.latenciesMs.length / most.seconds;
    const against = (what: string, value: number): Figure => ({
      ...{ bench: "admit", what: "most", value: rate, unit: "requests/s", floor: { what, value } },
    });
    return [
      against("bare https", await httpsFloor(system, { ...order, seconds: seconds / 2 })),
      against("bare insert", await insertFloor(system.ownerUrl, Math.min(seconds, 3))),
      against("Ed25519", verifyFloor(seconds * 100)),
      ...loadFigures("admit", "at most", most),
      ...loadFigures("admit", `at ${perSecond}/s`, steady),
    ];
  } finally {
    await system.close();
  }
};
export default bench;
