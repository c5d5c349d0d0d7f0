import type https from "node:https";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { approvals, grants } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { readApproval } from "../layers/authorization/read-approval.ts";
import { revokeGrant } from "../layers/authorization/revoke-grant.ts";
import { usd, writeAmountsPolicy } from "../layers/authorization/testing/amounts-policy.ts";
import { makePerson, type Operator } from "../layers/authorization/testing/people-and-agents.ts";
import { voteOnApproval } from "../layers/authorization/vote-on-approval.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { connect, makeAgent, send, type TestAgent } from "./testing/test-agent.ts";

const SCOPE = "payments:execute";
const DETAILS = [
  { type: "agent_action" as const, actions: [SCOPE], ...usd("5000"), resources: ["/accounts/17/*"] },
];
let database: TestDatabase;
let system: System;
let payer: TestAgent;
let core: TestAgent;
let approver: Operator;
let grantId: string;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await writeAmountsPolicy(database.db);
  system = await startSystem(database.urls);
  approver = await makePerson(database.db, ["approver"]);
  payer = await makeAgent(system, "payer-1");
  core = await makeAgent(system, "core-banking", [], { kind: "resource-server" });
});
afterAll(async () => {
  await payer?.close();
  await core?.close();
  await system?.close();
  await database?.close();
});

const payment = (amount: unknown, more: object = {}) => ({
  ...{ action: "payments.execute", at: new Date().toISOString(), endpoint: "/accounts/17/transfers" },
  details: { amount, currency: "USD" },
  ...more,
});

async function pay(...actions: object[]) {
  const request = await payer.sign(JSON.stringify(actions), { token });
  const over = connect(payer.rootPem, payer.credential("transport"));
  const { status, body } = await send(over, `${system.env.gatewayUrl}/v1/actions`, request);
  return { status, code: body.error?.code ?? null, refused: body.refused ?? [], admitted: body.admitted };
}

type Told = {
  outcome: string;
  grantIds?: string[];
  checks: { id: string; passed: boolean; detail: string }[];
};
async function newestRecord(kind = "agent.actions"): Promise<Told> {
  const { rows } = await system.db.execute<{ body: Buffer }>(
    sql`select body from audit_records where agent_id = ${payer.id} and kind = ${kind} order by ord desc limit 1`,
  );
  return JSON.parse(rows[0]?.body.toString("utf8") ?? "{}") as Told;
}

async function approveOpen(): Promise<void> {
  const ctx = { db: database.db, actor: approver, now: new Date() };
  const open = await database.db.select().from(approvals).where(eq(approvals.agentId, payer.id));
  const pending = open.filter(({ status }) => status === "pending");
  for (const { id } of pending) {
    const { digest } = await readApproval(ctx, id);
    await voteOnApproval(ctx, { id, digest, vote: "approve", reason: "Invoice 4711" }, "totp");
  }
}

describe("payments of at most 5000 USD from account 17, for an hour", () => {
  it("are asked for by the agent itself, approved by a person, and carried by its next token", async () => {
    const asked = await payer.sdk.token(["transactions:read"], DETAILS);
    expect(asked).toMatchObject({
      scopes: ["transactions:read"],
      refused: [{ scope: SCOPE, rule: "approval_needed" }],
    });
    await approveOpen();
    const [grant] = await database.db.select().from(grants).where(eq(grants.scope, SCOPE));
    grantId = grant?.id ?? "";
    expect(grant).toMatchObject({ limits: { ...usd("5000.00"), resources: ["/accounts/17/*"] } });
    expect(Number(grant?.expiresAt) - Number(grant?.grantedAt)).toBe(3_600_000);
    const given = await payer.sdk.token([SCOPE, "transactions:read"]);
    expect(given.authorizationDetails).toEqual([{ ...DETAILS[0], ...usd("5000.00"), grant_id: grantId }]);
    token = given.token;
  });

  it("are admitted up to the last cent, and in the same request as what has no limits", async () => {
    const reading = { action: "transactions.read", at: new Date().toISOString() };
    expect(await pay(payment("5000.00"), reading)).toMatchObject({ status: 202, admitted: 2 });
    expect(await newestRecord()).toMatchObject({
      outcome: "allow",
      grantIds: expect.arrayContaining([grantId]),
    });
  });

  it.each<[string, object, string]>([
    ["one cent more", payment("5000.01"), "limit_amount"],
    ["another currency", payment("1", { details: { amount: "1", currency: "EUR" } }), "limit_currency"],
    ["another account", payment("1", { endpoint: "/accounts/18/transfers" }), "limit_resource"],
    [
      "another account by way of this one",
      payment("1", { endpoint: "/accounts/17/../18/x" }),
      "limit_resource",
    ],
    [
      "another account, with this one among its subjects",
      payment("1", { endpoint: "/accounts/18/transfers", subjects: ["/accounts/17/x"] }),
      "limit_resource",
    ],
    ["no account", payment("1", { endpoint: undefined }), "limit_unstated"],
    ["no sum", payment(undefined), "limit_unstated"],
    ["no details", payment("1", { details: undefined }), "limit_unstated"],
    ["a number", payment(100.5), "limit_unstated"],
    ["a sum below zero", payment("-1"), "limit_unstated"],
  ])("are refused with %s, in a sentence and a record that name the grant", async (_what, action, code) => {
    const answer = await pay(action);
    expect(answer).toMatchObject({ status: 403, code, admitted: 0, refused: [{ index: 0, code }] });
    expect(answer.refused[0]?.reason).toContain(grantId);
    const { outcome, checks } = await newestRecord();
    expect(outcome).toBe("deny");
    expect(checks.at(-1)).toMatchObject({
      id: code,
      passed: false,
      detail: expect.stringContaining(grantId),
    });
  });

  it("are refused one by one: the others of the request are admitted", async () => {
    expect(await pay(payment("1"), payment("5000.01"), payment("2"))).toMatchObject({
      ...{ status: 202, admitted: 2, refused: [{ index: 1, code: "limit_amount" }] },
    });
    expect(await newestRecord()).toMatchObject({ outcome: "partial" });
  });

  it("hold the agent to less where it asked for less, and never to more", async () => {
    const kept = token;
    token = (await payer.sdk.token([], [{ ...DETAILS[0], ...usd("10") } as never])).token;
    expect(await pay(payment("10"))).toMatchObject({ status: 202 });
    expect(await pay(payment("10.01"))).toMatchObject({ status: 403, code: "limit_amount" });
    token = kept;
    const wider = payer.sdk.token([], [{ ...DETAILS[0], ...usd("5000.01") } as never]);
    await expect(wider).rejects.toMatchObject({ code: "invalid_scope" });
  });
});

describe("a resource server that asks about such a token", () => {
  const ask = async (more: object) => {
    const over: https.Agent = connect(core.rootPem, core.credential("transport"));
    const question = { token, action: "payments.execute", ...more };
    const answer = await send(over, `${system.env.gatewayUrl}/v1/decisions`, {
      body: Buffer.from(JSON.stringify(question)),
      headers: { "content-type": "application/json" },
    });
    return answer as unknown as { status: number; body: Told & { error?: { code: string } } };
  };
  const stated = (amount: unknown, endpoint = "/accounts/17/transfers") => ({
    endpoint,
    details: { amount, currency: "USD" },
  });

  it("is told yes within the limits, on record with the sum", async () => {
    const { body } = await ask(stated("5000.00"));
    expect(body.outcome).toBe("allow");
    expect((await newestRecord("decision.answered")).checks).toContainEqual({
      ...{ id: "limits", passed: true },
      detail: `The action moves 5000.00 USD, within the limits of grant ${grantId}.`,
    });
  });

  it.each<[string, object, string]>([
    ["one cent more", stated("5000.01"), "limit_amount"],
    ["another account", stated("1", "/accounts/18/x"), "limit_resource"],
    ["a number", stated(1), "limit_unstated"],
    ["nothing stated", {}, "limit_unstated"],
  ])("is told no with %s, on record", async (_what, question, code) => {
    const { body } = await ask(question);
    expect(body.outcome).toBe("deny");
    expect(body.checks.filter(({ passed }) => !passed).map(({ id }) => id)).toEqual([code]);
    expect(await newestRecord("decision.answered")).toMatchObject({ outcome: "deny" });
  });

  it("is told of nothing about limits where the action's scope has none", async () => {
    const { body } = await ask({ action: "transactions.read" });
    expect(body.outcome).toBe("allow");
    expect(body.checks.map(({ id }) => id)).not.toContain("limits");
  });

  it("may say nothing that an action could not say", async () => {
    expect(await ask({ details: "all" })).toMatchObject({
      status: 400,
      body: { error: { code: "malformed_question" } },
    });
  });
});

it("a revoked grant ends the token and its limits with it", async () => {
  const admin = await makePerson(database.db, ["admin", "approver"]);
  await revokeGrant({ db: database.db, actor: admin, now: new Date() }, { grantId, reason: "Month is over" });
  await expect.poll(async () => (await pay(payment("1"))).code, { timeout: 10_000 }).toBe("token_revoked");
});
