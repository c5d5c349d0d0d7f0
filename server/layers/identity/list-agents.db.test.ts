import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agents, users } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { listAgents } from "./list-agents.ts";
import { type ListAgentsInput, PURPOSES } from "./schema.ts";
import { ADMIN, createIdentityWorld, type IdentityWorld } from "./testing/identity-world.ts";

let database: TestDatabase;
let world: IdentityWorld;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
  const at = new Date();
  for (const id of ["stays", "leaves"])
    await database.db
      .insert(users)
      .values({ id, name: id, email: `${id}@bank.example`, roles: "analyst", createdAt: at, updatedAt: at });
  await world.register("owned", { ownerId: "stays" });
  await world.register("left-alone", { ownerId: "leaves" });
  await world.register("nobodys", { kind: "resource-server" });
  await world.enrol("enrolled-1", { ownerId: "stays" });
  await database.db.update(users).set({ disabledAt: at }).where(eq(users.id, "leaves"));
  await database.db.update(agents).set({ lastSeenAt: at }).where(eq(agents.name, "enrolled-1"));
});
afterAll(async () => {
  await world.close();
  await database.close();
});

const named = async (input: ListAgentsInput) => {
  const { agents: rows, total } = await listAgents(world.ctx(), input);
  expect(total).toBe(rows.length);
  return rows.map((agent) => agent.name);
};

test("agents that nobody answers for are found: without an owner, and with one whose account is closed", async () => {
  expect(await named({ orphaned: true })).toEqual(["left-alone", "nobodys"]);
  expect(await named({ orphaned: false })).toEqual(["enrolled-1", "owned"]);
});

test("filters by kind, owner, status and silence hold alone and together", async () => {
  expect(await named({ kind: "resource-server" })).toEqual(["nobodys"]);
  expect(await named({ ownerId: "stays" })).toEqual(["enrolled-1", "owned"]);
  expect(await named({ neverSeen: true })).toEqual(["left-alone", "nobodys", "owned"]);
  expect(await named({ neverSeen: false })).toEqual(["enrolled-1"]);
  expect(await named({ ownerId: "stays", neverSeen: true, status: "registered" })).toEqual(["owned"]);
  expect(await named({ ownerId: "nobody-of-that-id" })).toEqual([]);
});

test("each agent comes with its five credentials' lives, and with none before it enrols", async () => {
  const { agents: rows } = await listAgents(world.ctx(), {});
  const of = (name: string) => rows.find((agent) => agent.name === name)?.expiries ?? [];
  expect(
    of("enrolled-1")
      .map((it) => it.purpose)
      .sort(),
  ).toEqual([...PURPOSES].sort());
  for (const { notBefore, endsAt } of of("enrolled-1")) expect(endsAt > notBefore).toBe(true);
  expect(of("owned")).toEqual([]);
});

test("the list is for those who may read agents", async () => {
  const stranger = { ...ADMIN, roles: [] };
  await expect(listAgents(world.ctx(stranger), {})).rejects.toMatchObject({ code: "not_permitted" });
});
