import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { giveApproved } from "../../server/layers/authorization/testing/give-approved.ts";
import {
  callWith,
  clientWith,
  eager,
  faultsOf,
  startTwoAgents,
  type TwoAgents,
} from "../testing/two-agents.ts";
import { type ServedAgent, serveAgent } from "./serve-agent.ts";

let database: TestDatabase;
let world: TwoAgents;
let door: ServedAgent;
let token: string;

type Order = { account?: string; amount?: unknown };

beforeAll(async () => {
  database = await createTestDatabase();
  world = await startTwoAgents(database);
  door = await serveAgent(eager(world.served), {
    port: 0,
    onCall: ({ body }) => ({ paid: (body as Order).amount }),
    touched: ({ body }) => {
      const { account, amount } = body as Order;
      return { endpoint: `/accounts/${account}/transfers`, details: { amount, currency: "USD" } as never };
    },
  });
  await giveApproved(world.system.db, {
    ...{ agent: world.caller.name, scope: "payments:execute", seconds: 600, now: new Date() },
    limits: { amount: { max: "5000", currency: "USD" }, resources: ["/accounts/17/*"] },
  });
  ({ token } = await world.caller.sdk.token(["payments:execute"]));
});
afterAll(async () => {
  await door?.close();
  await world?.close();
  await database?.close();
});

async function call(body: Order, url = door.url) {
  const client = clientWith(world.caller.credential("transport"));
  const said = await callWith(client, url, token, { action: "payments.execute", body });
  client.destroy();
  return said;
}

test("a call within the limits of the caller's grant is answered", async () => {
  expect(await call({ account: "17", amount: "5000.00" })).toMatchObject({
    ...{ status: 200, body: { answer: { paid: "5000.00" } } },
  });
});

test.each<[string, Order, string]>([
  ["a larger sum", { account: "17", amount: "5000.01" }, "limit_amount"],
  ["another account", { account: "18", amount: "1" }, "limit_resource"],
  ["another account by way of this one", { account: "17/../18", amount: "1" }, "limit_resource"],
  ["a number", { account: "17", amount: 1 }, "limit_unstated"],
  ["no sum", { account: "17" }, "limit_unstated"],
])("a call for %s is denied by that check", async (_what, order, check) => {
  const said = await call(order);
  expect(said.status).toBe(403);
  expect(faultsOf(said)).toEqual([check]);
});

test("a served agent that does not say what a call touches serves none under a grant with limits", async () => {
  const said = await call({ account: "17", amount: "1" }, world.door.url);
  expect(said.status).toBe(403);
  expect(faultsOf(said)).toEqual(["limit_unstated"]);
});
