import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agents } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { revokeAgentCredentials } from "./revoke-agent-credentials.ts";
import { stateClaim } from "./state-claim.ts";
import { createFactsBank, enrolStated, FACTS, type FactsBank, refusedFor } from "./testing/facts-bank.ts";
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

describe("degradation", () => {
  test("comes at the very instant an attestation ends, with nothing run in between", async () => {
    const { expiresAt } = await (async () => {
      await bank.register("over-1");
      return bank.attest("over-1", "data_access", "compliance", { days: 1 });
    })();
    const before = new Date(expiresAt.getTime() - 1);
    expect((await bank.standing("over-1", "data_access", "compliance", before)).standing).toBe("attested");
    expect((await bank.standing("over-1", "data_access", "compliance", expiresAt)).standing).toBe("expired");
  });

  test("comes with another value, and goes with the attested one", async () => {
    await bank.register("over-2");
    await bank.attest("over-2", "data_access", "compliance");
    const state = async (sources: string[]) => {
      const { digest: replaces } = await bank.claimOf("over-2", "data_access");
      const value = { ...FACTS.data_access, data_sources: sources };
      await stateClaim(bank.as(bank.people.stater), {
        name: "over-2",
        claim: "data_access",
        value,
        replaces,
      });
    };
    await state(["card_transactions", "salaries"]);
    expect(await bank.standing("over-2", "data_access", "compliance")).toMatchObject({
      standing: "other-value",
    });
    await state(["card_transactions"]);
    expect(await bank.standing("over-2", "data_access", "compliance")).toMatchObject({
      standing: "attested",
    });
  });

  test("comes with a withdrawal, whose reason is shown; two at once are one and a conflict", async () => {
    const { agentId } = await bank.register("over-3");
    const { attestationId } = await bank.attest("over-3", "data_access", "compliance");
    const second = await bank.addPerson(["compliance"]);
    const take = (by = second) =>
      withdrawAttestation(bank.as(by), { attestationId, reason: "a source was left out" }, "totp");
    const race = await Promise.allSettled([take(), take(bank.people.compliance)]);
    expect(race.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    const lost = race.find((one) => one.status === "rejected");
    expect(lost).toMatchObject({ reason: { code: "attestation_withdrawn", status: 409 } });
    expect(await bank.standing("over-3", "data_access", "compliance")).toMatchObject({
      ...{
        standing: "withdrawn",
        detail: expect.stringMatching(/^Withdrawn by Name of .*: a source was left out$/),
      },
    });
    expect(await bank.records(agentId, "fact.attestation_withdrawn")).toHaveLength(1);
  });

  test("a withdrawal takes who gave it or who speaks for the same authority; others are refused on record", async () => {
    const { agentId } = await bank.register("over-4");
    const { attestationId, expiresAt } = await bank.attest("over-4", "data_access", "compliance", {
      days: 1,
    });
    const wish = { attestationId, reason: "not mine to take" };
    const foreign = withdrawAttestation(bank.as(bank.people["security-review"]), wish, "totp");
    await expect(foreign).rejects.toMatchObject(refusedFor("may-withdraw", 403));
    expect(await bank.records(agentId, "fact.withdrawal_refused")).toMatchObject([{ outcome: "deny" }]);
    const nobody = { ...bank.people.compliance, roles: [] };
    await expect(withdrawAttestation(bank.as(nobody), wish, "totp")).rejects.toMatchObject({
      code: "not_permitted",
    });
    await expect(
      withdrawAttestation(bank.as(bank.people.compliance, expiresAt), wish, "totp"),
    ).rejects.toMatchObject({ code: "attestation_over", status: 409 });
    await expect(
      withdrawAttestation(bank.as(bank.people.compliance), { ...wish, attestationId: agentId }, "totp"),
    ).rejects.toMatchObject({ code: "attestation_unknown" });
  });

  test("comes with the agent's identity: certificates revoked, or the day after the transport one was made", async () => {
    const { agentId } = await enrol("over-5");
    await bank.attestAll("over-5");
    expect((await bank.view("over-5")).level.effective).toBe("platinum");
    const tomorrow = new Date(Date.now() + 25 * 3_600_000);
    expect((await bank.view("over-5", tomorrow)).level.effective).toBeNull();
    expect(await bank.standing("over-5", "core_identity", "issuing-ca", tomorrow)).toMatchObject({
      ...{ standing: "missing", detail: "No live certificate for transport." },
    });
    await database.db.transaction((tx) =>
      revokeAgentCredentials(tx, {
        agentId,
        reason: "key-compromise",
        actor: world.ctx().actor,
        now: new Date(),
      }),
    );
    expect((await bank.view("over-5")).level.effective).toBeNull();
  });

  test("comes with another owner: the old one's word counts no longer", async () => {
    const { agentId } = await enrol("over-6");
    await bank.attestAll("over-6");
    const heir = await bank.addPerson(["approver"]);
    await database.db.update(agents).set({ ownerId: heir.id }).where(eq(agents.id, agentId));
    expect((await bank.view("over-6")).level.effective).toBeNull();
    expect(await bank.standing("over-6", "capabilities", "business-owner")).toMatchObject({
      standing: "void",
    });
    expect(await bank.standing("over-6", "owner", "business-owner")).toMatchObject({ standing: "invalid" });
  });
});
