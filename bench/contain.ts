import { randomInt } from "node:crypto";
import type { Agent } from "node:https";
import { eq } from "drizzle-orm";
import { containments } from "../db/schema/index.ts";
import { containAgent } from "../server/flows/contain-agent.ts";
import {
  type Answer,
  connect,
  makeAgent,
  send,
  type TestAgent,
} from "../server/gateway/testing/test-agent.ts";
import type { Actor } from "../server/kernel/actor.ts";
import { type BenchSystem, startBenchSystem } from "./lib/bench-system.ts";
import { askedNumbers } from "./lib/detection/whole-numbers.ts";
import { type Bench, type Figure, quantile } from "./lib/figure.ts";
import { notifyFloor } from "./lib/floors.ts";
import { giveBaselines } from "./lib/give-baseline.ts";
import { loadAgent, runLoad } from "./lib/run-load.ts";

const ANALYST: Actor = {
  type: "operator",
  id: "bench",
  email: "bench@bank",
  roles: ["analyst"],
  sessionId: null,
};
const LIVE = 1_000;
const ROUNDS = 50;
/** The others report once in ten seconds each, signed and durable as ever. */
const OTHERS_PER_SECOND = 100;
const SECONDS = 38;
/** Far more than the bar: a containment that takes longer is a failure, not a figure. */
const GIVE_UP_MS = 15_000;
const ATTACK_ACTIONS = 400;
const ATTACK_BYTES = 5_000_000;
const STEPS = ["transactions.read", "score.compute", "alerts.create"] as const;
const SCOPES = ["transactions:read"];

type Door = { url: string; pool: Agent };
/** `decidedMs`: until the run of the worker that decided it began, where a run did. */
type Took = { refusedMs: number; decidedMs: number | null };
type Way = (system: BenchSystem, agent: TestAgent, door: Door) => Promise<Took>;

/**
 * From what contains an agent to its first refused request on an open, pooled connection, while 1,000 agents are live:
 * by score, from the answer to the request whose actions cross 0.9 (its slice is durable then); by hand, from the call
 * that an analyst's click makes. The floor is a notice from one connection of the database to another. `--live 200`
 * takes fewer agents, with as much less load.
 */
const bench: Bench = async ({ small }) => {
  const live = small ? 8 : (askedNumbers("live")?.[0] ?? LIVE);
  const rounds = small ? 1 : Math.min(ROUNDS, Math.floor(live / 4));
  const system = await startBenchSystem(0);
  const agents: TestAgent[] = [];
  try {
    await enrolMany(system, agents, live);
    const [scored, clicked, others] = [
      agents.slice(0, rounds),
      agents.slice(rounds, 2 * rounds),
      agents.slice(2 * rounds),
    ];
    await giveBaselines(
      system,
      scored.map(({ id }) => id),
      new Date(),
    );
    const floor = {
      what: "notice of PostgreSQL, p50",
      value: await notifyFloor(system.ownerUrl, small ? 20 : 500),
    };
    const order = {
      url: `${system.env.gatewayUrl}/v1/actions`,
      agents: await Promise.all(others.map(loadAgent)),
      signed: true,
      actionsPerRequest: 1,
      warmSeconds: small ? 1 : 12,
      seconds: small ? 6 : SECONDS,
      pace: { perSecond: small ? 5 : (OTHERS_PER_SECOND * live) / LIVE },
    };
    const figures: Figure[] = [];
    for (const [what, own, way] of [
      ["the window that crosses 0.9", scored, byScore],
      ["an analyst's click", clicked, byHand],
    ] as const) {
      const warm = Promise.withResolvers<void>();
      const load = runLoad(order, warm.resolve);
      await Promise.race([warm.promise, load]);
      const took: Took[] = [];
      const endsAt = performance.now() + order.seconds * 1_000 - 2_000;
      for (const agent of own) if (performance.now() < endsAt) took.push(await measure(system, agent, way));
      figures.push(...figuresOf(what, took, floor));
      await load;
    }
    return figures;
  } finally {
    for (const agent of agents) await agent.close();
    await system.close();
  }
};
export default bench;

function figuresOf(what: string, all: readonly Took[], floor: Figure["floor"]): Figure[] {
  const took = all.map(({ refusedMs }) => refusedMs).sort((a, b) => a - b);
  const decided = all.flatMap(({ decidedMs }) => decidedMs ?? []).sort((a, b) => a - b);
  const whole = Object.entries({ p50: 0.5, p99: 0.99, worst: 1 }).map(([name, q]) => ({
    bench: "contain",
    what: `${what}: ${name} to the first refusal (${took.length} agents)${name === "p99" ? barOf(quantile(took, q)) : ""}`,
    value: quantile(took, q),
    unit: "ms",
    floor,
  }));
  if (decided.length === 0) return whole;
  const part = `${what}: p50 of it until the scoring run that decides begins`;
  return [...whole, { bench: "contain", what: part, value: quantile(decided, 0.5), unit: "ms" }];
}

const barOf = (ms: number) => ` (bar < 1,000: ${ms < 1_000 ? "met" : "NOT MET"})`;

/** Enrols agents over the real doors, some at a time. */
async function enrolMany(system: BenchSystem, agents: TestAgent[], count: number): Promise<void> {
  for (let made = 0; made < count; made += 8)
    agents.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(8, count - made) }, (_, i) =>
          makeAgent(system, `live-${made + i}`, [...SCOPES]),
        ),
      )),
    );
}

/** @returns milliseconds from what contains the agent to its first refusal. */
async function measure(system: BenchSystem, agent: TestAgent, way: Way): Promise<Took> {
  const door = {
    url: `${system.env.gatewayUrl}/v1/actions`,
    pool: connect(agent.rootPem, agent.credential("transport")),
  };
  try {
    if (!(await isServed(agent, door))) throw new Error(`${agent.name} is not served`);
    return await way(system, agent, door);
  } finally {
    door.pool.destroy();
  }
}

const byScore: Way = async (system, agent, door) => {
  const answer = await report(agent, door, attack());
  const crossedAt = performance.now();
  const crossed = Date.now();
  if (answer?.status !== 202) throw new Error(`the attack of ${agent.name} was answered ${answer?.status}`);
  const refusedMs = (await untilRefused(agent, door)) - crossedAt;
  const [row] = await system.db.select().from(containments).where(eq(containments.agentId, agent.id));
  if (!/behaviour score (0\.9|1)/.test(row?.reason ?? ""))
    throw new Error(
      `${agent.name} was refused, but not contained by its score: ${row?.reason ?? "no containment"}`,
    );
  return { refusedMs, decidedMs: row ? row.requestedAt.getTime() - crossed : null };
};

const byHand: Way = async (system, agent, door) => {
  const refused = untilRefused(agent, door);
  const clickedAt = performance.now();
  await containAgent(
    { db: system.db, actor: ANALYST, now: new Date() },
    { agentId: agent.id, reason: "bench: by hand" },
  );
  return { refusedMs: (await refused) - clickedAt, decidedMs: null };
};

async function untilRefused(agent: TestAgent, door: Door): Promise<number> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (await isServed(agent, door))
    if (performance.now() > giveUpAt) throw new Error(`${agent.name} is still served`);
  return performance.now();
}

/** Whether the agent still gets in: a limit only makes it wait, a cut connection is a refusal. */
async function isServed(agent: TestAgent, door: Door): Promise<boolean> {
  const answer = await report(agent, door, [{ action: STEPS[0], at: new Date().toISOString() }]);
  return answer?.status === 202 || answer?.status === 429;
}

async function report(agent: TestAgent, { url, pool }: Door, actions: object[]): Promise<Answer | null> {
  const request = await agent.sign(JSON.stringify(actions), { targetUri: url }).catch(() => null);
  return request && send(pool, url, request).catch(() => null);
}

/** The seed's attack: hundreds of calls with gigabytes, in no order. */
function attack(): object[] {
  const at = new Date().toISOString();
  return Array.from({ length: ATTACK_ACTIONS }, () => ({
    action: STEPS[randomInt(STEPS.length)],
    at,
    endpoint: `/accounts/${randomInt(6)}`,
    bytes: ATTACK_BYTES,
    sourceIp: "10.1.2.7",
  }));
}
