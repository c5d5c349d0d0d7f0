import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
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
it("admits", async () => {
  const agent = await makeAgent(system, "smoke");
  const t = await agent.sdk.token();
  console.log(t);
  const signed = await agent.sign(
    JSON.stringify([{ action: "transactions.read", at: new Date().toISOString() }]),
  );
  const answer = await send(
    connect(agent.rootPem, agent.credential("transport")),
    `${system.env.gatewayUrl}/v1/actions`,
    signed,
  );
  console.log(JSON.stringify(answer, null, 1));
  expect(answer.status).toBe(202);
  console.log(await agent.sdk.report([{ action: "transactions.read", at: new Date().toISOString() }]));
  await agent.close();
});
