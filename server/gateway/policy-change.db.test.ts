import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { currentPolicy } from "../layers/authorization/current-policy.ts";
import { decideProposal } from "../layers/authorization/decide-proposal.ts";
import type { PolicyPatch } from "../layers/authorization/proposal-schema.ts";
import { proposePolicy } from "../layers/authorization/propose-policy.ts";
import { makePerson } from "../layers/authorization/testing/people-and-agents.ts";
import { type System, startSystem } from "./testing/start-system.ts";
import { type Answer, connect, makeAgent, send } from "./testing/test-agent.ts";

/** How long after the commit a gateway may still decide by the version before. */
const FELT_WITHIN_MS = 1_000;
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

/** A change by two people, as the console makes it. */
async function changePolicy(patch: PolicyPatch): Promise<void> {
  const now = new Date();
  const [admin, officer] = [
    await makePerson(system.db, ["admin"]),
    await makePerson(system.db, ["compliance"]),
  ];
  const { version: baseVersion } = await currentPolicy(system.db);
  const change = { baseVersion, patch, reason: "As the bank decided" };
  const { proposalId, digest } = await proposePolicy({ db: system.db, actor: admin, now }, change);
  const decision = { id: proposalId, digest, decision: "approve" as const, reason: "Read it" };
  await decideProposal({ db: system.db, actor: officer, now }, decision, "totp");
}

it("a gateway admits by the new version within a second of its approval, over the same connection and token", async () => {
  const agent = await makeAgent(system, "follower");
  const connection = connect(agent.rootPem, agent.credential("transport"));
  const { token } = await agent.token();
  const act = async (): Promise<Answer> => {
    const body = JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]);
    return send(connection, `${system.env.gatewayUrl}/v1/actions`, await agent.sign(body, { token }));
  };
  const felt = (check: (answer: Answer) => void) =>
    vi.waitFor(async () => check(await act()), { timeout: FELT_WITHIN_MS, interval: 50 });
  expect((await act()).status).toBe(202);
  const { scopes } = await currentPolicy(system.db);
  const read = scopes.find(({ scope }) => scope === "transactions:read");
  if (!read) throw new Error("no such scope");
  const actions = read.actions.filter((pattern) => pattern !== "transactions.read*");
  await changePolicy({ scopes: { put: [{ ...read, actions }] } });
  await felt(({ status, body }) => {
    expect([status, body.error?.code]).toEqual([403, "insufficient_scope"]);
    expect(JSON.stringify(body)).toContain("transactions:modify");
  });
  await changePolicy({ scopes: { put: [read] } });
  await felt(({ status }) => expect(status).toBe(202));
  connection.destroy();
  await agent.close();
});
