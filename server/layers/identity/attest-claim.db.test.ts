import { eq } from "drizzle-orm";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attestations, users } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { banAgentAndBelow } from "../../flows/ban-agent.ts";
import { attestClaim } from "./attest-claim.ts";
import { attestationJwks } from "./attestation-keys.ts";

import { readLevels } from "./read-levels.ts";
import { stateClaim } from "./state-claim.ts";
import { createFactsBank, enrolStated, type FactsBank, refusedFor } from "./testing/facts-bank.ts";
import { createIdentityWorld, type IdentityWorld } from "./testing/identity-world.ts";
import { withdrawAttestation } from "./withdraw-attestation.ts";

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

const enrol = (name: string) => enrolStated(bank, world, name);

describe("attesting", () => {
  test("is a signature that anybody verifies with the published keys, over the value's digest and its end", async () => {
    const { agentId, did } = await bank.register("attested-1");
    const { digest } = await bank.claimOf("attested-1", "data_access");
    const { attestationId, expiresAt } = await bank.attest("attested-1", "data_access", "compliance", {
      days: 7,
    });
    const [row] = await database.db.select().from(attestations).where(eq(attestations.id, attestationId));
    const keySet = createLocalJWKSet(await attestationJwks(database.db));
    const { payload, protectedHeader } = await jwtVerify(row?.jws ?? "", keySet, {
      typ: "vigil-attestation",
    });
    expect(payload).toMatchObject({
      ...{ jti: attestationId, sub: did, claim: "data_access", digest, authority: "compliance" },
      ...{ attester: bank.people.compliance.id, exp: expiresAt.getTime() / 1000 },
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(7 * 86_400);
    const { keys } = await attestationJwks(database.db);
    expect(keys.find((key) => key.kid === protectedHeader.kid)).toMatchObject({ authority: "compliance" });
    expect(JSON.stringify(keys)).not.toContain('"d"');
    const [record] = await bank.records(agentId, "fact.attested");
    expect(JSON.parse(record?.body.toString() ?? "{}")).toMatchObject({
      ...{ outcome: "allow", details: { attestationId, digest, authority: "compliance", stepUp: "totp" } },
    });
  });

  test("by all whom the levels ask makes an enrolled agent platinum, and one that is not enrolled nothing", async () => {
    await world.register("attested-0");
    await bank.register("attested-2");
    await bank.attestAll("attested-2");
    expect((await bank.view("attested-2")).level).toMatchObject({ claimed: "platinum", effective: null });
    await enrol("attested-3");
    await bank.attestAll("attested-3");
    expect((await bank.view("attested-3")).level).toMatchObject({
      claimed: "platinum",
      effective: "platinum",
    });
    const levels = await readLevels(bank.as(bank.people.stater), {
      names: ["attested-2", "attested-3", "attested-0", "nobody"],
    });
    expect(levels.sort((a, b) => a.agent.localeCompare(b.agent))).toEqual([
      { agent: "attested-0", effective: null },
      { agent: "attested-2", effective: null },
      { agent: "attested-3", effective: "platinum" },
    ]);
  });

  test("by the wrong role is refused, and the refusal is on record with its checks", async () => {
    const { agentId } = await bank.register("attested-4");
    const { people } = bank;
    const wrong = [
      ["compliance", people["security-review"]],
      ["compliance", people.owner],
      ["business-owner", people.compliance],
      ["security-review", people.stater],
    ] as const;
    for (const [authority, by] of wrong)
      await expect(bank.attest("attested-4", "data_access", authority, { by })).rejects.toMatchObject(
        refusedFor("may-speak", 403),
      );
    const denials = await bank.records(agentId, "fact.attestation_refused");
    expect(denials).toHaveLength(wrong.length);
    expect(denials[0]).toMatchObject({ outcome: "deny" });
    expect(denials[0]?.body.toString()).toContain('"id":"may-speak","passed":false');
    expect(await bank.records(agentId, "fact.attested")).toEqual([]);
  });

  test("rejects an actor without the permission, an API key, and Vigil itself", async () => {
    await bank.register("attested-5");
    const { digest } = await bank.claimOf("attested-5", "data_access");
    const wish = {
      name: "attested-5",
      claim: "data_access",
      digest: digest ?? "",
      authority: "compliance",
    } as const;
    const nobody = { ...bank.people.compliance, roles: [] };
    await expect(attestClaim(bank.as(nobody), wish, "totp")).rejects.toMatchObject({ code: "not_permitted" });
    const key = { ...bank.people.compliance, sessionId: null, apiKeyId: "k" };
    await expect(attestClaim(bank.as(key), wish, "totp")).rejects.toMatchObject(refusedFor("in-person", 403));
    await expect(attestClaim(bank.as(bank.people.compliance), wish, "")).rejects.toMatchObject({
      status: 403,
    });
    const system = { ...bank.as(bank.people.compliance), actor: { type: "system", id: "x" } as const };
    await expect(attestClaim(system, wish, "totp")).rejects.toMatchObject({ code: "attestation_refused" });
  });

  test("goes by the roles and accounts as they are now, not as the session has them", async () => {
    await bank.register("attested-6");
    const late = await bank.addPerson(["compliance"]);
    await database.db.update(users).set({ roles: "auditor" }).where(eq(users.id, late.id));
    await expect(bank.attest("attested-6", "data_access", "compliance", { by: late })).rejects.toMatchObject(
      refusedFor("may-speak", 403),
    );
    await database.db
      .update(users)
      .set({ roles: "compliance", disabledAt: new Date() })
      .where(eq(users.id, late.id));
    await expect(bank.attest("attested-6", "data_access", "compliance", { by: late })).rejects.toMatchObject(
      refusedFor("may-speak", 403),
    );
  });

  test("one's own claim is refused, under another account of the same mailbox too", async () => {
    await bank.register("attested-7", {});
    const analyst = await bank.addPerson(["analyst"], "ana@twice.example");
    const other = await bank.addPerson(["analyst"], "Ana+review@Twice.example");
    const value = { domain_expertise: ["x"] };
    await stateClaim(bank.as(analyst), { name: "attested-7", claim: "capabilities", value, replaces: null });
    for (const by of [analyst, other])
      await expect(
        bank.attest("attested-7", "capabilities", "security-review", { by }),
      ).rejects.toMatchObject(refusedFor("not-own-claim", 403));
  });

  test("as two authorities for one claim and value is refused, also for two at once and after a withdrawal", async () => {
    const both = await bank.addPerson(["analyst", "compliance"]);
    await bank.register("attested-8");
    const race = await Promise.allSettled([
      bank.attest("attested-8", "data_access", "compliance", { by: both }),
      bank.attest("attested-8", "data_access", "security-review", { by: both }),
    ]);
    const given = race.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(given).toHaveLength(1);
    const attestationId = given[0]?.attestationId ?? "";
    await withdrawAttestation(bank.as(both), { attestationId, reason: "to try the other hat" }, "totp");
    const { authorities } = await bank.claimOf("attested-8", "data_access");
    const second = authorities.find(
      (one) => one.standing === "missing" && one.authority !== "business-owner",
    );
    await expect(
      bank.attest("attested-8", "data_access", second?.authority as "compliance", { by: both }),
    ).rejects.toMatchObject(refusedFor("one-authority", 403));
  });

  test("is refused for a value other than the one that stands, for too long, and for an agent that is banned", async () => {
    await bank.register("attested-9");
    const { digest } = await bank.claimOf("attested-9", "capabilities");
    await expect(
      bank.attest("attested-9", "data_access", "compliance", { digest: digest ?? "" }),
    ).rejects.toMatchObject(refusedFor("same-value", 409));
    await expect(bank.attest("attested-9", "data_access", "compliance", { days: 181 })).rejects.toMatchObject(
      refusedFor("not-longer", 403),
    );
    await banAgentAndBelow(world.ctx(), { name: "attested-9", reason: "test of bans" });
    await expect(bank.attest("attested-9", "data_access", "compliance")).rejects.toMatchObject(
      refusedFor("agent-in-use", 409),
    );
  });
});
