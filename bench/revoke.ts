import type { Agent } from "node:https";
import { setImmediate as turn } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { followRevocations, type Revocations } from "../agent/follow-revocations.ts";
import { accessTokens, credentials } from "../db/schema/index.ts";
import { type Gateway, startGateway } from "../server/gateway/main.ts";
import { freePort } from "../server/gateway/testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "../server/gateway/testing/test-agent.ts";
import { present } from "../server/kernel/ensure.ts";
import { revokeToken } from "../server/layers/authorization/revoke-token.ts";
import { revokeCredential } from "../server/layers/identity/revoke-credential.ts";
import { type BenchSystem, startBenchSystem } from "./lib/bench-system.ts";
import { type Bench, type Figure, quantile } from "./lib/figure.ts";
import { notifyFloor } from "./lib/floors.ts";
import { isRefused, type Outcome, type Refusal } from "./lib/read-refusal.ts";

const ACTOR = { type: "system", id: "bench" } as const;
const ROUNDS = 100;
/** More than the bar by far: a revocation that takes longer is a failure, not a figure. */
const GIVE_UP_MS = 5_000;

type Door = { url: string; pool: Agent };

/**
 * From the commit that revokes a certificate or a token to the first refusal on an open, pooled connection, at each of
 * two gateways that answer the agent all the while; and from the commit that revokes a token to its refusal by a resource
 * server that follows the stream. The floor is a notice from one connection of the database to another.
 */
const bench: Bench = async ({ small }) => {
  const rounds = small ? 2 : ROUNDS;
  const system = await startBenchSystem(3 * rounds);
  const [gatewayPort, enrolPort] = [await freePort(), await freePort()];
  const second: Gateway = await startGateway({ ...system.env, gatewayPort, enrolPort });
  try {
    const urls = [system.env.gatewayUrl, `https://localhost:${gatewayPort}`];
    const floor = {
      what: "notice of PostgreSQL, p50",
      value: await notifyFloor(system.ownerUrl, small ? 20 : 500),
    };
    const figures: Figure[] = [];
    for (const [i, [what, revocation]] of Object.entries(REVOCATIONS).entries()) {
      const took: number[] = [];
      for (const agent of system.agents.slice(i * rounds, (i + 1) * rounds))
        took.push(...(await measure(system, agent, urls, revocation)));
      figures.push(...figuresOf(`${what}: %s to the first refusal`, took, floor));
    }
    const outside = await measureOutside(system, system.agents.slice(2 * rounds));
    figures.push(
      ...figuresOf("a token: %s to its refusal by a resource server on the stream", outside, floor),
    );
    return figures;
  } finally {
    await second.close();
    await system.close();
  }
};
export default bench;

/** @param tookMs below 0 where the refusal came before this process had heard of the commit: counted as 0, and said. */
function figuresOf(what: string, tookMs: readonly number[], floor: Figure["floor"]): Figure[] {
  const took = tookMs.map((ms) => Math.max(0, ms)).sort((a, b) => a - b);
  const quantiles = { p50: 0.5, p99: 0.99, worst: 1 };
  const figures = Object.entries(quantiles).map(
    ([name, q]): Figure => ({
      bench: "revoke",
      what: what.replace("%s", name),
      value: quantile(took, q),
      unit: "ms",
      floor,
    }),
  );
  const early = tookMs.filter((ms) => ms < 0).length;
  const said = what.replace("%s", "before the commit was answered, counted as 0 ms,");
  return [...figures, { bench: "revoke", what: said, value: early, unit: `of ${tookMs.length}` }];
}

type Revocation = { revoke: (system: BenchSystem, agent: TestAgent) => Promise<void>; refusal: Refusal };
const REVOCATIONS: Record<string, Revocation> = {
  "a certificate": {
    refusal: { code: "certificate_revoked", cutsConnections: true },
    revoke: async ({ db }, agent) => {
      const { thumbprint } = agent.credential("transport");
      const [row] = await db.select().from(credentials).where(eq(credentials.thumbprint, thumbprint));
      const order = { reason: "key-compromise", actor: ACTOR, now: new Date() } as const;
      await db.transaction((tx) => revokeCredential(tx, { credentialId: present(row, "it").id, ...order }));
    },
  },
  "a token": {
    refusal: { code: "token_revoked", cutsConnections: false },
    revoke: async (system, agent) => revokeJti(system, agent, await jtiOf(system, agent)),
  },
};

async function jtiOf({ db }: BenchSystem, agent: TestAgent): Promise<string> {
  const [row] = await db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
  return present(row, "its token").jti;
}

async function revokeJti({ db }: BenchSystem, agent: TestAgent, jti: string): Promise<void> {
  if (!(await revokeToken(db, { jti, agent, now: new Date() })))
    throw new Error(`${agent.name}'s token was not live`);
}

/** @returns for each token the milliseconds from the commit to the moment from which a resource server denies it; below 0 where the commit's answer came later. */
async function measureOutside(system: BenchSystem, agents: readonly TestAgent[]): Promise<number[]> {
  const server = await makeAgent(system, "bench-api", [], { kind: "resource-server" });
  const revocations = followRevocations(server.sdk.peering);
  try {
    await revocations.ready;
    const took: number[] = [];
    for (const agent of agents) {
      await agent.token();
      const jti = await jtiOf(system, agent);
      const token = { jti, sub: agent.did };
      if (denies(revocations, token)) throw new Error(`${agent.name}'s token is denied before it is revoked`);
      const denied = untilDenied(revocations, token);
      await revokeJti(system, agent, jti);
      const committedAt = performance.now();
      took.push((await denied) - committedAt);
    }
    return took;
  } finally {
    await revocations.close();
    await server.close();
  }
}

const denies = (revocations: Revocations, token: { jti: string; sub: string }) =>
  revocations.judge(token).outcome === "deny";

async function untilDenied(revocations: Revocations, token: { jti: string; sub: string }): Promise<number> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (!denies(revocations, token)) {
    if (performance.now() > giveUpAt) throw new Error("a resource server still takes a revoked token");
    await turn();
  }
  return performance.now();
}

/** @returns for each gateway the milliseconds from the commit to its first refusal; below 0 where the commit's answer came later. */
async function measure(
  system: BenchSystem,
  agent: TestAgent,
  urls: readonly string[],
  { revoke, refusal }: Revocation,
): Promise<number[]> {
  const doors = urls.map((url) => ({
    url: `${url}/v1/actions`,
    pool: connect(agent.rootPem, agent.credential("transport")),
  }));
  for (const door of doors)
    if (isRefused(await ask(agent, door), refusal)) throw new Error(`${agent.name} is not served`);
  const refusals = doors.map(async (door) => {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    while (!isRefused(await ask(agent, door), refusal))
      if (performance.now() > giveUpAt) throw new Error(`${agent.name} is still served at ${door.url}`);
    return performance.now();
  });
  const all = Promise.all(refusals);
  // It is waited for below; until then a failure must not end the process without a word.
  all.catch(() => undefined);
  try {
    await revoke(system, agent);
    const committedAt = performance.now();
    return (await all).map((refusedAt) => refusedAt - committedAt);
  } finally {
    for (const { pool } of doors) pool.destroy();
  }
}

/** Sends a signed request. */
async function ask(agent: TestAgent, { url, pool }: Door): Promise<Outcome> {
  const action = { action: "transactions.read", at: new Date().toISOString() };
  const request = await agent.sign(JSON.stringify([action]), { targetUri: url });
  return send(pool, url, request).then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
}
