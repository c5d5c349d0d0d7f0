import type { Agent } from "node:https";
import { eq } from "drizzle-orm";
import { accessTokens, credentials } from "../db/schema/index.ts";
import { type Gateway, startGateway } from "../server/gateway/main.ts";
import { freePort } from "../server/gateway/testing/start-system.ts";
import { connect, send, type TestAgent } from "../server/gateway/testing/test-agent.ts";
import { present } from "../server/kernel/ensure.ts";
import { revokeToken } from "../server/layers/authorization/revoke-token.ts";
import { revokeCredential } from "../server/layers/identity/revoke-credential.ts";
import { type BenchSystem, startBenchSystem } from "./lib/bench-system.ts";
import { type Bench, type Figure, quantile } from "./lib/figure.ts";
import { notifyFloor } from "./lib/floors.ts";

const ACTOR = { type: "system", id: "bench" } as const;
const ROUNDS = 100;
/** More than the bar by far: a revocation that takes longer is a failure, not a figure. */
const GIVE_UP_MS = 5_000;

type Door = { url: string; pool: Agent };

/**
 * From the commit that revokes a certificate or a token to the first refusal on an open, pooled connection, at each of
 * two gateways that answer the agent all the while. The floor is a notice from one connection of the database to another.
 */
const bench: Bench = async ({ small }) => {
  const rounds = small ? 2 : ROUNDS;
  const system = await startBenchSystem(2 * rounds);
  const [gatewayPort, enrolPort] = [await freePort(), await freePort()];
  const second: Gateway = await startGateway({ ...system.env, gatewayPort, enrolPort });
  try {
    const urls = [system.env.gatewayUrl, `https://localhost:${gatewayPort}`];
    const floor = {
      what: "notice of PostgreSQL, p50",
      value: await notifyFloor(system.ownerUrl, small ? 20 : 500),
    };
    const figures: Figure[] = [];
    for (const [i, [what, revoke]] of Object.entries(REVOCATIONS).entries()) {
      const took: number[] = [];
      for (const agent of system.agents.slice(i * rounds, (i + 1) * rounds))
        took.push(...(await measure(system, agent, urls, revoke)));
      took.sort((a, b) => a - b);
      for (const [name, q] of [
        ["p50", 0.5],
        ["p99", 0.99],
        ["worst", 1],
      ] as const)
        figures.push({
          bench: "revoke",
          what: `${what}: ${name} to the first refusal`,
          value: quantile(took, q),
          unit: "ms",
          floor,
        });
    }
    return figures;
  } finally {
    await second.close();
    await system.close();
  }
};
export default bench;

type Revoke = (system: BenchSystem, agent: TestAgent) => Promise<void>;
const REVOCATIONS: Record<string, Revoke> = {
  "a certificate": async ({ db }, agent) => {
    const { thumbprint } = agent.credential("transport");
    const [row] = await db.select().from(credentials).where(eq(credentials.thumbprint, thumbprint));
    const order = { reason: "key-compromise", actor: ACTOR, now: new Date() } as const;
    await db.transaction((tx) => revokeCredential(tx, { credentialId: present(row, "it").id, ...order }));
  },
  "a token": async ({ db }, agent) => {
    const [row] = await db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
    if (!(await revokeToken(db, { jti: present(row, "its token").jti, agent, now: new Date() })))
      throw new Error(`${agent.name}'s token was not live`);
  },
};

/** @returns for each gateway the milliseconds from the commit to its first refusal. */
async function measure(
  system: BenchSystem,
  agent: TestAgent,
  urls: readonly string[],
  revoke: Revoke,
): Promise<number[]> {
  const doors = urls.map((url) => ({
    url: `${url}/v1/actions`,
    pool: connect(agent.rootPem, agent.credential("transport")),
  }));
  for (const door of doors)
    if (!(await isServed(agent, door))) throw new Error(`${agent.name} is not served`);
  let committedAt = Number.POSITIVE_INFINITY;
  const refusals = doors.map(async (door) => {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    while (await isServed(agent, door))
      if (performance.now() > giveUpAt) throw new Error(`${agent.name} is still served at ${door.url}`);
    return performance.now();
  });
  await revoke(system, agent);
  committedAt = performance.now();
  const at = await Promise.all(refusals);
  for (const { pool } of doors) pool.destroy();
  return at.map((refusedAt) => Math.max(0, refusedAt - committedAt));
}

/** Whether a signed request is admitted; a connection that was cut is a refusal too. */
async function isServed(agent: TestAgent, { url, pool }: Door): Promise<boolean> {
  const action = { action: "transactions.read", at: new Date().toISOString() };
  const request = await agent.sign(JSON.stringify([action]), { targetUri: url });
  return send(pool, url, request).then(
    ({ status }) => status === 202,
    () => false,
  );
}
