import type https from "node:https";
import { and, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { alerts, ruleFirings } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { answerFiring, wasAnsweredMeanwhile } from "../flows/answer-firing.ts";
import { dryRunRules } from "../flows/dry-run-rules.ts";
import { registerPeer } from "../layers/isolation/register-peer.ts";
import { compiledRules } from "../layers/monitoring/current-rules.ts";
import { BUILT_IN_RULES } from "../layers/monitoring/engine/rules/built-in-rules.ts";
import { findRuleFirings } from "../layers/monitoring/find-rule-firings.ts";
import { unruledSlices } from "../layers/monitoring/rule-slices-store.ts";
import { applyRules } from "../worker/apply-rules.ts";
import { foldWindows } from "../worker/fold-windows.ts";
import { issueCertificates } from "../worker/issue-certificates.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

const SYSTEM = { type: "system" as const, id: "test" };
let database: TestDatabase;
let system: System;
const open: https.Agent[] = [];
const made: TestAgent[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls, [issueCertificates, foldWindows, applyRules]);
  const ctx = { db: system.db, actor: SYSTEM, now: new Date() };
  await registerPeer(ctx, { name: "mail-relay", zone: "external", title: "Mail to customers" });
});
afterAll(async () => {
  for (const connection of open) connection.destroy();
  for (const agent of made) await agent.close();
  await system?.close();
  await database?.close();
});

async function agentOf(name: string): Promise<TestAgent> {
  const agent = await makeAgent(system, name, ["transactions:read"], { zone: "c" });
  made.push(agent);
  return agent;
}

function over(agent: TestAgent, localAddress?: string): https.Agent {
  const connection = connect(agent.rootPem, agent.credential("transport"));
  if (localAddress) connection.options.localAddress = localAddress;
  open.push(connection);
  return connection;
}

const url = () => `${system.env.gatewayUrl}/v1/actions`;
const reads = (count: number, atMs: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({
    action: "transactions.read",
    at: new Date(atMs + n).toISOString(),
    subjects: [`customer-${from + n}`],
  }));
const post = (atMs: number) => ({
  action: "transactions.read",
  at: new Date(atMs).toISOString(),
  peer: "mail-relay",
});

async function report(agent: TestAgent, actions: object[], connection = over(agent)): Promise<void> {
  const answer = await send(connection, url(), await agent.sign(JSON.stringify(actions)));
  expect(answer.status).toBe(202);
}

const firingsOf = (agent: TestAgent) =>
  system.db.select().from(ruleFirings).where(eq(ruleFirings.agentId, agent.id));
const alertsOf = (agent: TestAgent, rule: string) =>
  system.db
    .select()
    .from(alerts)
    .where(and(eq(alerts.agentId, agent.id), eq(alerts.rule, rule)));

/** All that was reported is folded, and the rules have seen it. */
async function settled(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { rows } = await system.db.execute<{ waiting: number }>(sql`
        select (select count(*) from window_deltas)::int
          + (select count(*) from window_slices where revision > ruled_revision and state ? 'rules')::int as waiting`);
      expect(rows[0]?.waiting).toBe(0);
    },
    { timeout: 20_000, interval: 100 },
  );
}

const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000;

describe("harmless singly, and not together", () => {
  it("an agent that reads 60 customers and then posts outside raises one alert with what it did, and is limited", async () => {
    const agent = await agentOf("reads-then-posts");
    await report(agent, reads(60, minutesAgo(3)));
    await report(agent, [post(minutesAgo(1))]);
    await vi.waitFor(async () => expect(await firingsOf(agent)).toHaveLength(1), { timeout: 20_000 });
    const [alert, ...others] = await alertsOf(agent, "bulk-read-then-post");
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ kind: "rule", severity: "critical", status: "open", count: 1 });
    expect(alert?.detail).toMatchObject({
      ruleVersion: 1,
      limited: true,
      tags: { atlas: ["AML.T0086", "AML.T0036"] },
      counts: { "first actions": 61, "first subjects": 60, "then actions": 1 },
    });
    const [firing] = await firingsOf(agent);
    expect(firing?.recordIds).toHaveLength(2);
    const { rows } = await system.db.execute(
      sql`select state, limit_per_minute as n from isolation_states where agent_id = ${agent.id}`,
    );
    expect(rows).toEqual([{ state: "limited", n: 60 }]);
  });

  it.each([
    ["only-reads", async (agent: TestAgent) => report(agent, reads(60, minutesAgo(3)))],
    ["only-posts", async (agent: TestAgent) => report(agent, [post(minutesAgo(1))])],
    [
      "posts-then-reads",
      async (agent: TestAgent) => {
        await report(agent, [post(minutesAgo(3))]);
        await report(agent, reads(60, minutesAgo(2)));
      },
    ],
    [
      "reads-49-and-posts",
      async (agent: TestAgent) => {
        await report(agent, reads(49, minutesAgo(3)));
        await report(agent, [post(minutesAgo(1))]);
      },
    ],
  ])("an agent that %s raises none", async (name, act) => {
    const agent = await agentOf(name);
    await act(agent);
    await settled();
    expect(await firingsOf(agent)).toEqual([]);
  });

  it("what arrives out of order counts as it happened: the post is reported before the reading", async () => {
    const agent = await agentOf("reports-backwards");
    await report(agent, [post(minutesAgo(1))]);
    await settled();
    expect(await firingsOf(agent)).toEqual([]);
    await report(agent, reads(30, minutesAgo(4), 30));
    await report(agent, reads(30, minutesAgo(5)));
    await vi.waitFor(async () => expect(await firingsOf(agent)).toHaveLength(1), { timeout: 20_000 });
  });

  it("a request that is sent twice counts once", async () => {
    const agent = await agentOf("retries");
    const connection = over(agent);
    const signed = await agent.sign(JSON.stringify(Array(40).fill(post(minutesAgo(1)))));
    const refused = await agent.sign(JSON.stringify([{ ...post(minutesAgo(1)), peer: "nobody-knows" }]));
    for (let i = 0; i < 3; i++) await send(connection, url(), signed);
    for (let i = 0; i < 60; i++) await send(connection, url(), refused);
    await settled();
    // 60 times the one refused request would be more than 50 refused in a minute.
    expect(await firingsOf(agent)).toEqual([]);
  });
});

describe("two certificates of one agent", () => {
  it("used from one network, as in a renewal, are nothing; from two networks over the same minutes, an alert", async () => {
    const agent = await agentOf("renews");
    const oldConnection = over(agent);
    const oldToken = (await agent.token()).token;
    const act = (atMs: number) =>
      JSON.stringify([{ action: "transactions.read", at: new Date(atMs).toISOString() }]);
    const withOld = async (atMs: number) =>
      send(oldConnection, url(), await agent.sign(act(atMs), { token: oldToken }));
    expect((await withOld(minutesAgo(5))).status).toBe(202);
    await agent.sdk.renew("transport");
    const newToken = (await agent.token()).token;
    expect(newToken).not.toBe(oldToken);
    const withNew = async (atMs: number, from?: string) =>
      send(over(agent, from), url(), await agent.sign(act(atMs), { token: newToken }));
    expect((await withNew(minutesAgo(4))).status).toBe(202);
    expect((await withOld(minutesAgo(3))).status).toBe(202);
    await settled();
    expect(await firingsOf(agent)).toEqual([]);

    const thief = await agentOf("stolen");
    const first = over(thief);
    const token = (await thief.token()).token;
    await send(first, url(), await thief.sign(act(minutesAgo(5)), { token }));
    await thief.sdk.renew("transport");
    const second = (await thief.token()).token;
    const elsewhere = over(thief, "127.77.0.1");
    await send(elsewhere, url(), await thief.sign(act(minutesAgo(4)), { token: second }));
    await send(first, url(), await thief.sign(act(minutesAgo(3)), { token }));
    await vi.waitFor(async () => expect(await firingsOf(thief)).toHaveLength(1), { timeout: 20_000 });
    const [firing] = await firingsOf(thief);
    expect(firing).toMatchObject({ rule: "impossible-credential-use", version: 1 });
    const networks = Object.entries(firing?.counts as Record<string, string>).filter(([name]) =>
      name.includes("networks"),
    );
    expect(networks.map(([, network]) => network).sort()).toEqual(["127.0.0.0/24", "127.77.0.0/24"]);
  });
});

describe("once", () => {
  it("a rule for single actions fires at the gateway with its record, and a flood of them is one firing a minute", async () => {
    const agent = await agentOf("touches-pii");
    const touch = { action: "transactions.read", at: new Date().toISOString(), endpoint: "/v1/pii/7" };
    for (let i = 0; i < 5; i++) {
      const answer = await send(over(agent), url(), await agent.sign(JSON.stringify([touch])));
      expect(answer).toMatchObject({ status: 403, body: { error: { code: "rule_broken" } } });
    }
    const found = await firingsOf(agent);
    expect(found.length).toBeLessThanOrEqual(2);
    expect(found[0]).toMatchObject({ rule: "sensitive-data-in-scope", version: 1 });
    expect(found[0]?.recordIds).toHaveLength(1);
  });

  it("a worker that was killed before it marked what it had seen, and two at once, answer nothing twice", async () => {
    const agent = await agentOf("killed-in-between");
    await report(agent, [...reads(55, minutesAgo(4)), post(minutesAgo(2))]);
    await vi.waitFor(async () => expect(await firingsOf(agent)).toHaveLength(1), { timeout: 20_000 });
    await settled();
    await system.db.execute(sql`update window_slices set ruled_revision = 0 where agent_id = ${agent.id}`);
    const fresh = (await unruledSlices(system.db, 100)).filter(({ agentId }) => agentId === agent.id);
    const rules = await compiledRules(system.db, { known: null });
    const [firing] = await findRuleFirings(
      system.db,
      rules,
      fresh.length > 0 ? fresh : await slicesOf(agent),
    );
    if (!firing) throw new Error("the rule does not hold any more");
    await settled();
    expect(await firingsOf(agent)).toHaveLength(1);
    expect(await alertsOf(agent, "bulk-read-then-post")).toMatchObject([{ count: 1 }]);

    const later = { ...firing, episodeMs: firing.episodeMs + 900_000 };
    const answers = await Promise.allSettled(
      [1, 2, 3].map(() =>
        system.db.transaction((tx) =>
          answerFiring(tx, { firing: later, version: 1, actor: SYSTEM, now: new Date() }),
        ),
      ),
    );
    const failed = answers.filter((it) => it.status === "rejected");
    expect(failed.every((it) => wasAnsweredMeanwhile(it.reason))).toBe(true);
    expect(answers.filter((it) => it.status === "fulfilled" && it.value)).toHaveLength(1);
    expect(await alertsOf(agent, "bulk-read-then-post")).toMatchObject([{ count: 2 }]);
  });
});

async function slicesOf(agent: TestAgent) {
  const { rows } = await system.db.execute<{ sliceMs: string; keys: string[] }>(sql`
    select (extract(epoch from slice_at) * 1000)::bigint as "sliceMs",
      array(select jsonb_object_keys(state -> 'rules')) as keys
    from window_slices where agent_id = ${agent.id} and state ? 'rules'`);
  return rows.map(({ sliceMs, keys }) => ({
    agentId: agent.id,
    sliceMs: Number(sliceMs),
    revision: 1,
    keys,
  }));
}

it("a dry-run over what was recorded finds what fired then, neither more nor less, and says what it did not look at", async () => {
  await settled();
  const now = new Date();
  const span = { fromAt: new Date(now.getTime() - 3_600_000), toAt: now };
  const asked = { rules: BUILT_IN_RULES, ...span };
  const { result, recordsRead } = await dryRunRules(database.db, asked, now, async () => undefined);
  const then = await system.db.select().from(ruleFirings);
  expect(result.lines.filter(({ firedThen }) => !firedThen)).toEqual([]);
  // The one that the test above made up, a span later, is told as fired then alone.
  expect(result.onlyThen).toHaveLength(1);
  expect(result.lines).toHaveLength(then.length - 1);
  expect(then.length).toBeGreaterThan(4);
  expect(result).toMatchObject({ cut: null, failed: null, beyondLines: 0 });
  expect(result.notLookedAt[0]).toContain("as they are today");
  expect(recordsRead).toBeGreaterThan(20);
  const line = result.lines.find(
    ({ rule, agent }) => rule === "bulk-read-then-post" && agent.name === "reads-then-posts",
  );
  expect(line?.recordIds).toHaveLength(2);
});

it("a dry-run that is cut says down to when it read, and why no further", async () => {
  const now = new Date();
  const asked = { rules: BUILT_IN_RULES, fromAt: new Date(now.getTime() - 3_600_000), toAt: now };
  const told: number[] = [];
  const note = async ({ recordsRead }: { recordsRead: number }) => void told.push(recordsRead);
  const bounds = { recordsMax: 10, msMax: 60_000, batch: 5 };
  const { result, recordsRead } = await dryRunRules(database.db, asked, now, note, bounds);
  expect(told).toEqual([5, 10]);
  expect(recordsRead).toBe(10);
  expect(result.cut?.why).toBe("At most 10 records are read.");
  expect(result.notLookedAt.join(" ")).toContain(`Nothing before ${result.cut?.at.toISOString()} was read`);
  // What fired before that is not held against the rules that are tried.
  const cutAt = result.cut?.at ?? now;
  const then = await system.db.select().from(ruleFirings);
  const readThen = then.filter(({ firedAt }) => firedAt >= cutAt);
  expect(result.onlyThen.length).toBeLessThanOrEqual(readThen.length);
});
