import { startBenchSystem } from "./lib/bench-system.ts";
import type { Bench, Figure } from "./lib/figure.ts";
import { signFloor, verifyFloor } from "./lib/floors.ts";
import { loadFigures, measureLoad } from "./lib/measure-load.ts";
import { bareHttps, doorCertificate } from "./lib/round-trips.ts";
import { runLoad, tokenClient } from "./lib/run-load.ts";
import type { TokenOrder } from "./lib/token-load.ts";

const AGENTS = 32;
const STEADY_PER_SECOND = 100;

/**
 * Token requests: `private_key_jwt` over kept-alive mutual TLS, decided, written and audited in one durable
 * transaction before a token bound to the certificate leaves.
 */
const bench: Bench = async ({ small }) => {
  const seconds = small ? 1 : 10;
  const system = await startBenchSystem(small ? 4 : AGENTS);
  try {
    const order: TokenOrder = {
      url: `${system.env.gatewayUrl}/oauth/token`,
      clients: system.agents.map((agent) => tokenClient(agent, system.env.enrolUrl)),
      ...{ accepted: 200, warmSeconds: seconds / 3, seconds, pace: { concurrency: small ? 4 : AGENTS } },
    };
    const bare = await bareHttps(await doorCertificate(system), "{}");
    const floor = await runLoad({ ...order, url: bare.url, accepted: 202, seconds: seconds / 2 });
    bare.close();
    const most = await measureLoad(system, order);
    const perSecond = small ? 20 : STEADY_PER_SECOND;
    const steady = await measureLoad(system, { ...order, pace: { perSecond } });
    const rate = most.latenciesMs.length / most.seconds;
    const against = (what: string, value: number): Figure => ({
      ...{ bench: "token", what: "most", value: rate, unit: "tokens/s", floor: { what, value } },
    });
    const core = 1000 / most.cpu.gateway;
    return [
      against("bare https", floor.latenciesMs.length / floor.seconds),
      against("Ed25519 signatures", signFloor(seconds * 50)),
      against("Ed25519 verifications", verifyFloor(seconds * 50)),
      { bench: "token", what: "on one core of the gateway", value: core, unit: "tokens/s" },
      ...loadFigures("token", "at most", most),
      ...loadFigures("token", `at ${perSecond}/s`, steady),
    ];
  } finally {
    await system.close();
  }
};
export default bench;
