import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agents, isolationStates } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Actor } from "../kernel/actor.ts";
import { setIsolation } from "../layers/isolation/set-isolation.ts";
import { makeAgent, makePerson, SYSTEM } from "../layers/monitoring/testing/agents-and-people.ts";
import { liftLimit } from "./lift-limit.ts";
import { limitAgent } from "./limit-agent.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const limit = (agentId: string, actor: Actor) =>
  database.db.transaction((tx) =>
    limitAgent(tx, { agentId, limitPerMinute: 30, reason: "a test", actor, now: NOW }),
  );
const lift = (agentId: string, actor: Actor) =>
  database.db.transaction((tx) => liftLimit(tx, { agentId, reason: "calm", actor, now: NOW }));
async function stands(agentId: string): Promise<[string | undefined, string | undefined]> {
  const [agent] = await database.db.select().from(agents).where(eq(agents.id, agentId));
  const [state] = await database.db
    .select()
    .from(isolationStates)
    .where(eq(isolationStates.agentId, agentId));
  return [agent?.status, state?.state];
}

test("a limit throttles the agent, and lifting it makes it active again", async () => {
  const { id } = await makeAgent(database.db, NOW);
  await limit(id, SYSTEM);
  expect(await stands(id)).toEqual(["throttled", "limited"]);
  expect(await lift(id, SYSTEM)).toEqual({ lifted: true });
  expect(await stands(id)).toEqual(["active", "open"]);
  expect(await lift(id, SYSTEM)).toEqual({ lifted: false });
});

test("the duty does not lift a person's limit", async () => {
  const { id } = await makeAgent(database.db, NOW);
  await limit(id, await makePerson(database.db, ["analyst"], NOW));
  expect(await lift(id, SYSTEM)).toEqual({ lifted: false });
  expect(await stands(id)).toEqual(["throttled", "limited"]);
});

test("neither touches a contained agent, and an auditor may do neither", async () => {
  const { id } = await makeAgent(database.db, NOW);
  const auditor = await makePerson(database.db, ["auditor"], NOW);
  await expect(limit(id, auditor)).rejects.toMatchObject({ code: "not_permitted" });
  await limit(id, auditor).catch(() => undefined);
  expect(await stands(id)).toEqual(["active", undefined]);
  await database.db.transaction((tx) =>
    setIsolation(tx, { agentId: id, state: "deny_all", reason: "contained", actor: SYSTEM, now: NOW }),
  );
  await expect(limit(id, SYSTEM)).rejects.toMatchObject({ code: "isolation_changed" });
  expect(await lift(id, SYSTEM)).toEqual({ lifted: false });
  expect(await stands(id)).toEqual(["active", "deny_all"]);
});
