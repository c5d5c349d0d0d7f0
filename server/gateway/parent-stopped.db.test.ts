import type https from "node:https";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { grants } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { banAgentAndBelow } from "../flows/ban-agent.ts";
import { containAgent } from "../flows/contain-agent.ts";
import { releaseAgent } from "../flows/release-agent.ts";
import { setStandingAndBelow } from "../flows/set-standing.ts";
import { requestRelease } from "../incidents/request-release.ts";
import { makeOperator, type Operator } from "../incidents/testing/cast.ts";
import { requestApproval } from "../layers/authorization/request-approval.ts";
import { revokeGrant } from "../layers/authorization/revoke-grant.ts";
import { createJoinToken } from "../layers/identity/create-join-token.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { type Answer, connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

/** How long after a parent was stopped its child's first refusal may take. */
const REFUSED_WITHIN_MS = 2_000;
let database: TestDatabase;
let system: System;
let analyst: Operator;
let approver: Operator;
beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  analyst = await makeOperator(system.db, "analyst", "admin");
  approver = await makeOperator(system.db, "approver");
});
afterAll(async () => {
  await system?.close();
  await database?.close();
});

const as = (actor: Operator) => ({ db: system.db, actor, now: new Date() });
const body = () => JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]);
const url = () => `${system.env.gatewayUrl}/v1/actions`;
const codeOf = ({ status, body: told }: Answer) => [status, told.error?.code];

type Family = { parent: TestAgent; child: TestAgent; pool: https.Agent; token: string };
let made = 0;
/** A grandparent's line of three, whose youngest holds an open connection and a token that works. */
async function makeFamily(): Promise<Family & { grandchild: TestAgent }> {
  const name = `family-${made++}`;
  const parent = await makeAgent(system, name);
  const child = await makeAgent(system, `${name}-child`, ["transactions:read"], { parent: name });
  const grandchild = await makeAgent(system, `${name}-grandchild`, ["transactions:read"], {
    parent: `${name}-child`,
  });
  const pool = connect(grandchild.rootPem, grandchild.credential("transport"));
  const { token } = await grandchild.token();
  expect((await send(pool, url(), await grandchild.sign(body(), { token }))).status).toBe(202);
  return { parent, child, grandchild, pool, token };
}
async function close({ parent, child, grandchild, pool }: Family & { grandchild: TestAgent }) {
  pool.destroy();
  for (const each of [grandchild, child, parent]) await each.close();
}

/** Sends one request after the other until the first refusal; the time is from the call, not from its commit. */
async function firstRefusal(kin: Family & { grandchild: TestAgent }, stop: () => Promise<unknown>) {
  const startedAt = performance.now();
  const stopped = stop();
  let answer: Answer | null = null;
  while (answer === null || answer.status === 202) {
    expect(performance.now() - startedAt).toBeLessThan(REFUSED_WITHIN_MS);
    const request = await kin.grandchild.sign(body(), { token: kin.token });
    // A connection that was cut is no answer: the next one is told why.
    answer = await send(kin.pool, url(), request).catch(() => null);
  }
  const ms = performance.now() - startedAt;
  await stopped;
  return { answer, ms };
}

describe("a grandchild with an open connection and a living token is refused from the moment on", () => {
  const stops: [string, number, string, (kin: TestAgent) => Promise<unknown>][] = [
    [
      "its grandparent is contained",
      403,
      "parent_not_in_service",
      (kin) => containAgent(as(analyst), { agentId: kin.id, reason: "it reads too much" }),
    ],
    [
      "its grandparent is suspended",
      403,
      "parent_not_in_service",
      ({ name }) => setStandingAndBelow(as(analyst), { name, to: "suspended", reason: "under review" }),
    ],
    [
      "its grandparent is banned",
      403,
      "parent_not_in_service",
      ({ name }) => banAgentAndBelow(as(analyst), { name, reason: "stolen keys" }),
    ],
    [
      "its grandparent's grant is taken back",
      401,
      "token_revoked",
      async (kin) => {
        const [grant] = await system.db.select().from(grants).where(eq(grants.agentId, kin.id));
        return revokeGrant(as(analyst), { grantId: String(grant?.id), reason: "No longer needed" });
      },
    ],
  ];
  it.each(stops)("%s", async (what, status, code, stop) => {
    const kin = await makeFamily();
    const { answer, ms } = await firstRefusal(kin, () => stop(kin.parent));
    // A stop ends the tokens too, and which of the two the gateway hears first is no promise.
    expect([
      [status, code],
      [401, "token_revoked"],
    ]).toContainEqual(codeOf(answer));
    console.log(`first refusal ${ms.toFixed(0)} ms after ${what}`);
    await expect(kin.grandchild.sdk.token(["transactions:read", "alerts:create"])).rejects.toThrow();
    await close(kin);
  });
});

it("its connections are cut with its grandparent's, and it gets no certificate and no enrolment", async () => {
  const kin = await makeFamily();
  await makeAgent(system, "late-parent").then((agent) => agent.close());
  let cut = 0;
  for (const socket of Object.values(kin.pool.freeSockets).flat()) socket?.once("close", () => cut++);
  const open = Object.values(kin.pool.freeSockets).flat().length;
  expect(open).toBeGreaterThan(0);
  await containAgent(as(analyst), { agentId: kin.parent.id, reason: "it reads too much" });
  await vi.waitFor(() => expect(cut).toBe(open), { timeout: REFUSED_WITHIN_MS, interval: 20 });
  await expect(kin.grandchild.sdk.renew("transport")).rejects.toThrow();
  const join = createJoinToken(as(analyst), { agentName: kin.grandchild.name });
  await expect(join).rejects.toMatchObject({ code: "agent_barred" });
  await close(kin);
});

it("after the release it acts again with a new token; the one that died stays dead", async () => {
  const kin = await makeFamily();
  const { containmentId } = await containAgent(as(analyst), { agentId: kin.parent.id, reason: "too much" });
  await requestRelease(as(analyst), { containmentId, reason: "it was a planned test" });
  await releaseAgent(as(approver), { containmentId, stepUp: "totp" });
  await vi.waitFor(
    async () => {
      const old = await kin.grandchild.sign(body(), { token: kin.token });
      expect(codeOf(await send(kin.pool, url(), old))).toEqual([401, "token_revoked"]);
    },
    { timeout: REFUSED_WITHIN_MS, interval: 20 },
  );
  // The agent's own client meets the refusal, drops the dead token and asks for another.
  const action = { action: "transactions.read", at: new Date().toISOString() };
  const told = await kin.grandchild.sdk.report([action], { scopes: ["transactions:read"] });
  expect(told).toMatchObject({ admitted: 1 });
  await close(kin);
});

describe("a resource server", () => {
  let server: TestAgent;
  let pool: https.Agent;
  beforeAll(async () => {
    server = await makeAgent(system, "ledger-api", [], { kind: "resource-server" });
    pool = connect(server.rootPem, server.credential("transport"));
  });
  afterAll(async () => {
    pool?.destroy();
    await server?.close();
  });
  const introspect = async (token: string) =>
    (
      await send(pool, `${system.env.gatewayUrl}/oauth/introspect`, {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: Buffer.from(new URLSearchParams({ token }).toString()),
      })
    ).body;
  const decide = async (token: string) =>
    (
      await send(pool, `${system.env.gatewayUrl}/v1/decisions`, {
        headers: { "content-type": "application/json" },
        body: Buffer.from(JSON.stringify({ token, action: "transactions.read" })),
      })
    ).body;

  it("enrols with five credentials of its own, and is told of another's token until a parent of it is stopped", async () => {
    const kin = await makeFamily();
    expect(await introspect(kin.token)).toMatchObject({ active: true, sub: kin.grandchild.did });
    expect(await decide(kin.token)).toMatchObject({ outcome: "allow", agent: kin.grandchild.name });
    await setStandingAndBelow(as(analyst), { name: kin.parent.name, to: "suspended", reason: "review" });
    expect(await introspect(kin.token)).toEqual({ active: false });
    await vi.waitFor(async () => expect(await decide(kin.token)).toMatchObject({ outcome: "deny" }), {
      timeout: REFUSED_WITHIN_MS,
    });
    await close(kin);
  });

  it("holds no scope: it is registered with none, asks for none and gets no token", async () => {
    const given = makeAgent(system, "greedy-api", ["transactions:read"], { kind: "resource-server" });
    await expect(given).rejects.toMatchObject({ code: "resource_server" });
    const ask = { agent: server.name, scope: "payments:execute", durationSeconds: 600, reason: "Just once" };
    await expect(requestApproval(as(analyst), ask)).rejects.toMatchObject({ code: "resource_server" });
    await expect(server.sdk.token(["transactions:read"])).rejects.toThrow(/resource server/);
  });

  it("reports no actions, even with an agent's token in hand", async () => {
    const agent = await makeAgent(system, "lender");
    const { token } = await agent.token();
    const answer = await send(pool, url(), await server.sign(body(), { token }));
    expect(codeOf(answer)).toEqual([403, "not_an_agent"]);
    await agent.close();
  });

  it("is nobody's parent and nobody's child", async () => {
    const child = makeAgent(system, "child-of-api", [], { parent: server.name });
    await expect(child).rejects.toMatchObject({ code: "parent_refused", facts: { check: "agents-both" } });
    const agent = await makeAgent(system, "no-parent-of-it");
    const api = makeAgent(system, "child-api", [], { kind: "resource-server", parent: agent.name });
    await expect(api).rejects.toMatchObject({ code: "parent_refused", facts: { check: "agents-both" } });
    await agent.close();
  });
});
