import path from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { agents } from "../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../db/testing/test-database.ts";
import { banAgentAndBelow } from "../server/flows/ban-agent.ts";
import { registerAgentWithScopes } from "../server/flows/register-agent.ts";
import { type System, startSystem } from "../server/gateway/testing/start-system.ts";
import { createJoinToken } from "../server/layers/identity/create-join-token.ts";
import { PURPOSES } from "../server/layers/identity/schema.ts";
import { ADMIN } from "../server/layers/identity/testing/identity-world.ts";
import { enrol, openAgent, type VigilAgent } from "./vigil-agent.ts";

const SCOPES = ["transactions:read"];
let database: TestDatabase;
let system: System;
let agent: VigilAgent;

beforeAll(async () => {
  database = await createTestDatabase();
  system = await startSystem(database.urls);
  const ctx = { db: system.db, actor: ADMIN, now: new Date() };
  await registerAgentWithScopes(ctx, { name: "real-1", scopes: SCOPES });
  const { joinToken } = await createJoinToken(ctx, { agentName: "real-1" });
  const directory = path.join(system.folder, "real-1");
  await enrol({ enrolUrl: system.env.enrolUrl, joinToken, directory });
  agent = openAgent(directory, { scopes: SCOPES, patienceMs: 5_000 });
});
afterAll(async () => {
  await agent?.close();
  await system?.close();
  await database?.close();
});

const report = () => agent.report([{ action: "transactions:read", at: new Date().toISOString() }]);
const status = async () =>
  (await system.db.select().from(agents).where(eq(agents.name, "real-1")))[0]?.status;

test("an agent that enrolled through the real doors is admitted, and its first action makes it active", async () => {
  expect(await report()).toMatchObject({ admitted: 1, refused: [] });
  await vi.waitFor(async () => expect(await status()).toBe("active"), { timeout: 5_000 });
});

test("it goes on across the renewal of each of its credentials, at the same time as it reports", async () => {
  for (const purpose of PURPOSES) {
    const [answer] = await Promise.all([report(), agent.renew(purpose)]);
    expect(answer.admitted).toBe(1);
    expect(await report()).toMatchObject({ admitted: 1 });
  }
});

test("twenty reports at once are each admitted once", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, report));
  expect(new Set(answers.map(({ receipt }) => receipt)).size).toBe(20);
});

test("an agent that is banned is refused on the connection it has open", async () => {
  await banAgentAndBelow(
    { db: system.db, actor: ADMIN, now: new Date() },
    { name: "real-1", reason: "end of the test" },
  );
  await vi.waitFor(() => expect(report()).rejects.toMatchObject({ name: "AgentError" }), { timeout: 5_000 });
});
