import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "../../db/client.ts";
import { agents, grants } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { VerifiedToken } from "../flows/admit-action/world.ts";
import { listGrants } from "../layers/authorization/list-grants.ts";
import { noteGrantUse } from "../layers/authorization/note-grant-use.ts";
import { later, makeAgent as makeAgentRow, NOW } from "../layers/authorization/testing/people-and-agents.ts";
import { startGateway } from "./main.ts";
import { noteGrants } from "./note-grants.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { connect, makeAgent, send } from "./testing/test-agent.ts";

let database: TestDatabase;
let system: System;
beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
});
afterAll(async () => {
  await system?.close();
  await database?.close();
});

const log = pino({ level: "silent" });
const lastUsed = async (agentId: string) =>
  Object.fromEntries(
    (await database.db.select().from(grants).where(eq(grants.agentId, agentId))).map((row) => [
      row.scope,
      row.lastUsedAt,
    ]),
  );
const minute = (at: Date) => new Date(Math.floor(at.getTime() / 60_000) * 60_000);

/** An agent's row with these grants, and a token that carries them all. */
async function holder(...scopes: string[]): Promise<{ agentId: string; token: VerifiedToken }> {
  const { id: agentId, did } = await makeAgentRow(database.db);
  const rows = scopes.map((scope) => ({
    ...{ id: randomUUID(), agentId, scope, policyVersion: 1, grantedBy: "somebody", grantedAt: NOW },
  }));
  await database.db.insert(grants).values(rows);
  const grantIds = rows.map(({ id }) => id);
  return {
    agentId,
    token: { jti: randomUUID(), subject: did, boundTo: "x", scopes, grantIds, policyVersion: 1, jkt: null },
  };
}

it("at the door: the grant of the scope that an admitted action needed, and no other of its token's", async () => {
  const scopes = ["transactions:analyze", "transactions:read", "alerts:create"];
  const agent = await makeAgent(system, "uses-one", scopes);
  const pool = connect(agent.rootPem, agent.credential("transport"));
  const url = `${system.env.gatewayUrl}/v1/actions`;
  const body = (...actions: string[]) =>
    JSON.stringify(actions.map((action) => ({ action, at: new Date().toISOString() })));
  expect((await send(pool, url, await agent.sign(body("payments.execute")))).status).toBe(403);
  const before = minute(new Date());
  const answer = await send(pool, url, await agent.sign(body("transactions.read", "payments.execute")));
  expect(answer.body).toMatchObject({ admitted: 1 });
  pool.destroy();
  await agent.close();
  await system.gateway.close();
  const used = await lastUsed(agent.id);
  expect(Object.keys(used).sort()).toEqual([...scopes].sort());
  for (const scope of ["transactions:analyze", "alerts:create"]) expect(used[scope], scope).toBeNull();
  expect(used["transactions:read"]?.getTime()).toBeGreaterThanOrEqual(before.getTime());
  const actor = {
    type: "operator" as const,
    id: "a",
    email: "a@b",
    roles: ["auditor" as const],
    sessionId: null,
  };
  const shown = await listGrants({ db: database.db, actor, now: new Date() }, { agent: agent.name });
  expect(shown.find((it) => it.scope === "transactions:read")?.lastUsedAt).toEqual(used["transactions:read"]);
  system.gateway = await startGateway(system.env);
});

it("a use is held to the minute, written once however often it is noted, and never moves a time back", async () => {
  const { agentId, token } = await holder("a", "b");
  const notes = noteGrants({ db: database.db, log });
  for (let second = 0; second < 59; second++) notes.used(token, new Set(["a"]), later(second));
  await notes.write();
  expect(await lastUsed(agentId)).toEqual({ a: NOW, b: null });
  notes.used({ ...token }, new Set(["a"]), later(-600));
  await notes.write();
  expect((await lastUsed(agentId)).a).toEqual(NOW);
  notes.used(token, new Set(["a", "b"]), later(61));
  await notes.close();
  expect(await lastUsed(agentId)).toEqual({ a: later(60), b: later(60) });
});

it("another agent's grant, another scope's and an unknown one are not touched", async () => {
  const mine = await holder("a");
  const theirs = await holder("a");
  const [grantId = ""] = theirs.token.grantIds;
  const at = later(60);
  expect(
    await noteGrantUse(database.db, [
      { grantId, scope: "b", at },
      { grantId: randomUUID(), scope: "a", at },
    ]),
  ).toBe(0);
  expect(await lastUsed(mine.agentId)).toEqual({ a: null });
  expect(await lastUsed(theirs.agentId)).toEqual({ a: null });
});

it("what could not be written is held on", async () => {
  const { agentId, token } = await holder("a");
  let isAway = true;
  const execute = (...args: Parameters<Database["execute"]>) =>
    isAway ? Promise.reject(new Error("away")) : database.db.execute(...args);
  const notes = noteGrants({ db: Object.assign(Object.create(database.db), { execute }) as Database, log });
  notes.used(token, new Set(["a"]), NOW);
  await expect(notes.write()).rejects.toThrow("away");
  isAway = false;
  await notes.close();
  expect(await lastUsed(agentId)).toEqual({ a: NOW });
});

it("gateways that write the same grants at once do not lock each other out, nor an agent's row", async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => holder("a")));
  const uses = all.map(({ token }) => ({ grantId: token.grantIds[0] ?? "", scope: "a", at: NOW }));
  await database.db.transaction(async (tx) => {
    await tx
      .select()
      .from(agents)
      .where(eq(agents.id, all[0]?.agentId ?? ""))
      .for("update");
    const orders = [uses, [...uses].reverse(), [...uses].sort(), uses.slice(5), uses.slice(0, 9)];
    await Promise.all(
      orders.map((order, i) =>
        noteGrantUse(
          database.db,
          order.map((use) => ({ ...use, at: later(60 * i) })),
        ),
      ),
    );
  });
  const [first, last] = [all[0], all.at(-1)];
  expect((await lastUsed(first?.agentId ?? "")).a).toEqual(later(240));
  expect((await lastUsed(last?.agentId ?? "")).a).toEqual(later(180));
});
