import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { attestations, auditRecords } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { seedDemoUsers } from "../access/seed-demo-users.ts";
import { present } from "../kernel/ensure.ts";
import { readFacts } from "../layers/identity/read-facts.ts";
import { readLevels } from "../layers/identity/read-levels.ts";
import { createIdentityWorld, type IdentityWorld } from "../layers/identity/testing/identity-world.ts";
import { DEMO_FACTS } from "./demo-facts.ts";
import { seedDemoFacts } from "./seed-demo-facts.ts";

let database: TestDatabase;
let world: IdentityWorld;
let seed: () => Promise<void>;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
  const { kek } = world;
  const demo = { password: randomBytes(12).toString("hex"), totp: null, apiKey: null };
  const env = { kek, roleKek: null, demo } as unknown as Parameters<typeof seedDemoUsers>[1];
  const { accounts } = await seedDemoUsers(database.db, env, new Date());
  const ownerId = present(
    accounts.find((one) => one.role === "admin"),
    "the owner",
  ).id;
  const system = { ...world.ctx(), actor: { type: "system", id: "demo" } as const };
  for (const name of Object.keys(DEMO_FACTS))
    await world.enrol(name, { ownerId, model: "orchid-9b", version: "1" }, system.actor);
  seed = () => seedDemoFacts(database.db, world.keys("console"), accounts, new Date());
  await seed();
});
afterAll(async () => {
  await world.close();
  await database.close();
});

const context = () => ({ ...world.ctx(), keys: world.keys("console") });

it("the demo bank has an agent of each level, and a platinum that is only claimed is shown as none", async () => {
  const levels = await readLevels(context(), { names: Object.keys(DEMO_FACTS) });
  expect(Object.fromEntries(levels.map((one) => [one.agent, one.effective]))).toEqual({
    "payment-analyzer-003": "platinum",
    "fraud-detector-001": "gold",
    "aml-monitor-005": "gold",
    "kyc-reviewer-002": "silver",
    "chat-assist-014": null,
    "reconcile-batch-01": "bronze",
    "report-writer-007": "silver",
  });
  expect((await readFacts(context(), { name: "chat-assist-014" })).level.claimed).toBe("platinum");
});

it("shows a withdrawn attestation with its reason, and people's names beside what they said", async () => {
  const { claims } = await readFacts(context(), { name: "report-writer-007" });
  const capabilities = claims.find((one) => one.claim === "capabilities");
  expect(capabilities).toMatchObject({ statedBy: "Priya Raman" });
  expect(capabilities?.authorities.find((one) => one.authority === "security-review")).toMatchObject({
    ...{
      standing: "withdrawn",
      detail: expect.stringContaining("mail connector"),
      attestedBy: "Ana Lindqvist",
    },
  });
});

it("runs again without a second word of anybody", async () => {
  const count = async () => [
    (await database.db.select().from(attestations)).length,
    (await database.db.select().from(auditRecords)).length,
  ];
  const before = await count();
  await seed();
  expect(await count()).toEqual(before);
});
