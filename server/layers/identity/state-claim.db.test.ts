import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { stateClaim } from "./state-claim.ts";
import { createFactsBank, FACTS, type FactsBank } from "./testing/facts-bank.ts";
import { createIdentityWorld, type IdentityWorld } from "./testing/identity-world.ts";

let database: TestDatabase;
let world: IdentityWorld;
let bank: FactsBank;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
  bank = await createFactsBank(database, world);
});
afterAll(async () => {
  await world.close();
  await database.close();
});

describe("stating a claim", () => {
  test("keeps who said it and when, and what a registration says is stated with it", async () => {
    const { agentId } = await bank.register("stated-1");
    expect(await bank.records(agentId, "fact.stated")).toHaveLength(6);
    const before = await bank.claimOf("stated-1", "capabilities");
    expect(before).toMatchObject({ value: FACTS.capabilities, statedBy: "the register" });
    const value = { domain_expertise: ["card fraud", "mule accounts"] };
    const { digest } = await stateClaim(bank.as(bank.people.stater), {
      ...{ name: "stated-1", claim: "capabilities", value, replaces: before.digest },
    });
    expect(await bank.claimOf("stated-1", "capabilities")).toMatchObject({
      ...{ value, digest, statedBy: `Name of ${bank.people.stater.email}` },
    });
  });

  test("rejects an actor without the permission, and leaves nothing behind", async () => {
    const { agentId } = await bank.register("stated-2", {});
    const wish = {
      name: "stated-2",
      claim: "capabilities" as const,
      value: FACTS.capabilities ?? {},
      replaces: null,
    };
    const denied = stateClaim(bank.as(bank.people.compliance), wish);
    await expect(denied).rejects.toMatchObject({ code: "not_permitted" });
    expect(await bank.records(agentId, "fact.stated")).toHaveLength(1);
  });

  test("is refused over a value that the caller did not see, once for two at a time", async () => {
    await bank.register("stated-3", {});
    const state = (topic: string) =>
      stateClaim(bank.as(bank.people.stater), {
        ...{ name: "stated-3", claim: "capabilities", value: { domain_expertise: [topic] }, replaces: null },
      });
    const race = await Promise.allSettled([state("one"), state("two"), state("three")]);
    expect(race.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    for (const one of race)
      if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "fact_changed", status: 409 });
    const { value, digest } = await bank.claimOf("stated-3", "capabilities");
    const again = stateClaim(bank.as(bank.people.stater), {
      ...{ name: "stated-3", claim: "capabilities", value: value ?? {}, replaces: digest },
    });
    await expect(again).rejects.toMatchObject({ code: "fact_unchanged", status: 409 });
  });

  test.each<
    [string, "capabilities" | "compliance_level" | "data_access", Record<string, string | string[] | boolean>]
  >([
    ["a level that there is not", "compliance_level", { compliance_level: "diamond" }],
    ["members that it does not have", "capabilities", { domain_expertise: ["x"], trusted: true }],
    ["text that hides what it says", "capabilities", { domain_expertise: ["pay\u202ements"] }],
    ["nothing", "capabilities", {}],
    ["an empty list", "data_access", { classification: "public", personal_data: false, data_sources: [] }],
  ])("refuses %s", async (what, claim, value) => {
    const name = `malformed-${claim.replace("_", "-")}-${what.length}`;
    await bank.register(name, {});
    const wish = { name, claim, value, replaces: null };
    await expect(stateClaim(bank.as(bank.people.stater), wish)).rejects.toMatchObject({
      code: "fact_malformed",
    });
  });

  test("takes of the register's own claims only what the register says", async () => {
    await bank.register("stated-4");
    const { digest } = await bank.claimOf("stated-4", "owner");
    const owner = (owner_id: string, replaces = digest) =>
      stateClaim(bank.as(bank.people.stater), {
        name: "stated-4",
        claim: "owner",
        value: { owner_id },
        replaces,
      });
    await expect(owner(bank.people.stater.id)).rejects.toMatchObject({ code: "fact_not_as_registered" });
    await expect(owner(bank.people.owner.id)).rejects.toMatchObject({ code: "fact_unchanged" });
    const { value, digest: own } = await bank.claimOf("stated-4", "core_identity");
    const identity = { name: "stated-4", claim: "core_identity" as const, value: value ?? {}, replaces: own };
    await expect(stateClaim(bank.as(bank.people.stater), identity)).rejects.toMatchObject({
      code: "fact_not_as_registered",
    });
  });
});
