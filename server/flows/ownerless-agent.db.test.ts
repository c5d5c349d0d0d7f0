import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agents } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { makeOperator, NOW } from "../incidents/testing/cast.ts";
import { readAgent } from "../layers/identity/read-agent.ts";
import { registerAgent } from "../layers/identity/register-agent.ts";
import { readOverview } from "./read-overview.ts";

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await createTestDatabase();
});
afterAll(() => test_.close());

test("an agent that nobody owns is flagged on the overview until somebody does", async () => {
  const { db } = test_;
  const admin = await makeOperator(db, "admin");
  const ctx = { db, actor: admin, now: NOW };
  const identity = async () =>
    (await readOverview(ctx)).posture.find(({ layer }) => layer === "identity") ?? null;
  await registerAgent(ctx, { name: "owned", ownerId: admin.id });
  expect(await identity()).toMatchObject({ state: "ok" });
  const { agentId } = await registerAgent(ctx, { name: "ownerless" });
  expect(await identity()).toMatchObject({
    state: "warn",
    line: expect.stringContaining("1 without an owner"),
  });
  expect(await readAgent(ctx, { name: "ownerless" })).toMatchObject({ ownerEmail: null });
  await db.update(agents).set({ ownerId: admin.id }).where(eq(agents.id, agentId));
  expect(await identity()).toMatchObject({ state: "ok" });
});
