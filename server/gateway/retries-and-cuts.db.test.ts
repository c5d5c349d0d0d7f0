import type https from "node:https";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { revokeCredential } from "../layers/identity/revoke-credential.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { type Answer, connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

let database: TestDatabase;
let system: System;
let agent: TestAgent;
let other: TestAgent;
let open: https.Agent;
let url: string;
const admin = {
  type: "operator" as const,
  id: "admin",
  email: "admin@bank",
  roles: ["admin"],
  sessionId: null,
};

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  agent = await makeAgent(system, "fraud-1");
  other = await makeAgent(system, "fraud-2");
  open = connect(agent.rootPem, agent.credential("transport"));
  url = `${system.env.gatewayUrl}/v1/actions`;
});
afterAll(async () => {
  await agent?.close();
  await other?.close();
  await system?.close();
  await database?.close();
});

const reading = (more: object = {}) => ({
  action: "transactions.read",
  at: new Date().toISOString(),
  ...more,
});
const bodyOf = (...actions: object[]) => JSON.stringify(actions.length > 0 ? actions : [reading()]);
const report = async (body: string, options = {}) => send(open, url, await agent.sign(body, options));
const codeOf = ({ status, body }: Answer) => [status, body.error?.code];

type RecordRow = { id: string; outcome: string; body: Buffer; digest: Buffer };
async function recordsOf(who: TestAgent): Promise<(RecordRow & { told: Record<string, never> })[]> {
  const { rows } = await system.db.execute<RecordRow>(
    sql`select id, outcome, body, digest from audit_records where agent_id = ${who.id} and kind = 'agent.actions' order by ord`,
  );
  return rows.map((row) => ({ ...row, told: JSON.parse(row.body.toString("utf8")) }));
}
const newest = async (who = agent) =>
  (await recordsOf(who)).at(-1)?.told as unknown as {
    outcome: string;
    details: { code?: string };
    checks: { id: string; passed: boolean }[];
    request?: { count: number; admitted: number; nonce: string };
  };

describe("a nonce is one request, whoever decides", () => {
  it("the same signed request again gets the first receipt, and leaves one record", async () => {
    const request = await agent.sign(bodyOf());
    const first = await send(open, url, request);
    const before = (await recordsOf(agent)).length;
    const again = await send(open, url, request);
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect(await recordsOf(agent)).toHaveLength(before);
  });

  it("fifty at once: one record, one receipt", async () => {
    const before = (await recordsOf(agent)).length;
    const request = await agent.sign(bodyOf());
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(open, url, request)));
    expect(new Set(answers.map((it) => it.body.receipt)).size).toBe(1);
    expect(new Set(answers.map((it) => it.status))).toEqual(new Set([202]));
    expect(await recordsOf(agent)).toHaveLength(before + 1);
  });

  it("two different requests with one nonce at once: one is admitted, the other refused", async () => {
    const nonce = "the-same-nonce-for-two";
    const two = [bodyOf(), bodyOf(reading({ bytes: 5 }))].map((body) => agent.sign(body, { nonce }));
    const answers = await Promise.all((await Promise.all(two)).map((request) => send(open, url, request)));
    expect(answers.map((it) => it.status).sort()).toEqual([202, 409]);
    expect(answers.find((it) => it.status === 409)?.body.error?.code).toBe("nonce_reused");
    expect(await newest()).toMatchObject({ outcome: "deny", details: { code: "nonce_reused" } });
  });

  it("two agents may use the same nonce", async () => {
    const nonce = "one-nonce-two-agents";
    const theirs = connect(other.rootPem, other.credential("transport"));
    expect((await report(bodyOf(), { nonce })).status).toBe(202);
    expect((await send(theirs, url, await other.sign(bodyOf(), { nonce }))).status).toBe(202);
  });
});

describe("nobody can fill the log", () => {
  it("a flood of bad signatures leaves a few records and one aggregated count", async () => {
    const noisy = await makeAgent(system, "noisy");
    const theirs = connect(noisy.rootPem, noisy.credential("transport"));
    const request = await noisy.sign(bodyOf());
    const body = Buffer.from("[]");
    await expect(send(connect(noisy.rootPem, null), url, request)).rejects.toThrow();
    for (let i = 0; i < 60; i++) expect((await send(theirs, url, { ...request, body })).status).toBe(401);
    expect((await recordsOf(noisy)).length).toBeLessThanOrEqual(10);
    await vi.waitFor(async () => {
      const { rows } = await system.db.execute<{ body: Buffer }>(
        sql`select body from audit_records where kind = 'denials.aggregated'`,
      );
      const counts = rows.flatMap((row) => JSON.parse(row.body.toString("utf8")).details.counts) as {
        agent: string | null;
        code: string;
        count: number;
      }[];
      const counted = counts.filter((it) => it.agent === noisy.did).reduce((sum, it) => sum + it.count, 0);
      expect(counted + (await recordsOf(noisy)).length).toBe(60);
      expect(counts.some((it) => it.agent === null && it.code === "certificate_missing")).toBe(true);
    }, 15_000);
    await noisy.close();
  });
});

describe("what takes rights away works on connections that are open", () => {
  it("isolation cuts an agent's pooled connections, refuses the next request, and is confirmed", async () => {
    const bad = await makeAgent(system, "bad-agent");
    const pooled = connect(bad.rootPem, bad.credential("transport"));
    expect((await send(pooled, url, await bad.sign(bodyOf()))).status).toBe(202);
    const next = await bad.sign(bodyOf());
    const cut = new Promise((resolve) => {
      for (const socket of Object.values(pooled.freeSockets).flat()) socket?.once("close", resolve);
    });
    await system.db.execute(sql`
      insert into isolation_states (agent_id, state, epoch, reason, changed_at, changed_by)
      values (${bad.id}, 'deny_all', 7, 'test', now(), 'test')`);
    await system.db.execute(sql`select pg_notify('vigil', ${`isolation:${bad.id}`})`);
    await cut;
    expect(codeOf(await send(pooled, url, next))).toEqual([403, "agent_isolated"]);
    await vi.waitFor(async () => {
      const { rows } = await system.db.execute<{ epoch: number; connections_cut: number }>(
        sql`select epoch, connections_cut, gateway_id from isolation_confirmations where agent_id = ${bad.id}`,
      );
      expect(rows).toMatchObject([{ epoch: 7, gateway_id: system.gateway.gatewayId }]);
      expect(rows[0]?.connections_cut).toBeGreaterThanOrEqual(1);
    });
    await bad.close();
  });

  it("isolation that nobody announced is found within two seconds", async () => {
    const quiet = await makeAgent(system, "quiet-agent");
    const pooled = connect(quiet.rootPem, quiet.credential("transport"));
    expect((await send(pooled, url, await quiet.sign(bodyOf()))).status).toBe(202);
    await system.db.execute(sql`
      insert into isolation_states (agent_id, state, epoch, reason, changed_at, changed_by)
      values (${quiet.id}, 'deny_all', 1, 'test', now(), 'test')`);
    await vi.waitFor(
      async () => expect(codeOf(await send(pooled, url, await quiet.sign(bodyOf())))[0]).toBe(403),
      { timeout: 3_000, interval: 100 },
    );
    await quiet.close();
  });

  it("a revoked certificate is cut and refused, its agent's others not", async () => {
    const agentToRevoke = await makeAgent(system, "revoked-agent");
    const pooled = connect(agentToRevoke.rootPem, agentToRevoke.credential("transport"));
    const next = await agentToRevoke.sign(bodyOf());
    expect((await send(pooled, url, await agentToRevoke.sign(bodyOf()))).status).toBe(202);
    const { rows } = await system.db.execute<{ id: string }>(sql`
      select id from credentials where agent_id = ${agentToRevoke.id} and purpose = 'transport'`);
    await system.db.transaction((tx) =>
      revokeCredential(tx, {
        credentialId: rows[0]?.id ?? "",
        reason: "key-compromise",
        actor: admin,
        now: new Date(),
      }),
    );
    await vi.waitFor(async () =>
      expect(codeOf(await send(pooled, url, next))).toEqual([401, "certificate_revoked"]),
    );
    await agentToRevoke.close();
  });

  it("a limited agent is told when to come again", async () => {
    const slow = await makeAgent(system, "slow-agent");
    const pooled = connect(slow.rootPem, slow.credential("transport"));
    await system.db.execute(sql`
      insert into isolation_states (agent_id, state, limit_per_minute, epoch, reason, changed_at, changed_by)
      values (${slow.id}, 'limited', 12, 1, 'test', now(), 'test')`);
    await system.db.execute(sql`select pg_notify('vigil', ${`isolation:${slow.id}`})`);
    await vi.waitFor(async () => {
      const answer = await send(pooled, url, await slow.sign(bodyOf()));
      expect(codeOf(answer)).toEqual([429, "agent_limited"]);
      expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    });
    await slow.close();
  });
});

it("with the database away nothing is admitted, and the answer says when to try again", async () => {
  const request = await agent.sign(bodyOf());
  await database.asSuper(async (client) => {
    await client.query("revoke insert on audit_records from vigil_app");
    try {
      const answer = await send(open, url, request);
      expect(codeOf(answer)).toEqual([503, "record_not_written"]);
      expect(answer.headers["retry-after"]).toBe("1");
    } finally {
      await client.query("grant insert on audit_records to vigil_app");
    }
  });
  expect((await send(open, url, request)).status).toBe(202);
});
