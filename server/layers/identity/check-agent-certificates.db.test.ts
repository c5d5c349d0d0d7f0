import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { authorities, credentials } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { banAgentAndBelow } from "../../flows/ban-agent.ts";

import { checkAgentCertificates } from "./check-agent-certificates.ts";
import { CHAIN_CHECKS } from "./engine/chain/validate-chain.ts";
import { PURPOSES } from "./schema.ts";
import { ANALYST, createIdentityWorld, type IdentityWorld } from "./testing/identity-world.ts";

let database: TestDatabase;
let world: IdentityWorld;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
});
afterAll(async () => {
  await world.close();
  await database.close();
});

const check = (name: string, now = new Date()) =>
  checkAgentCertificates({ ...world.ctx(ANALYST), now }, { name });
const faults = async (name: string, now?: Date) =>
  (await check(name, now)).reports.map(({ purpose, checks }) => [
    purpose,
    checks.flatMap((one) => (one.passed ? [] : [one.id])),
  ]);
/** The lists are signed by a worker's duty, a moment after the authorities are made. */
const withLists = (name: string) =>
  vi.waitFor(async () => expect(await faults(name)).toEqual(PURPOSES.map((each) => [each, []])));

test("all five certificates of an enrolled agent hold, each with every check and its fields", async () => {
  await world.enrol("checked-1");
  await withLists("checked-1");
  const { reports } = await check("checked-1");
  const rows = await database.db.select().from(credentials);
  for (const { purpose, checks, certificate } of reports) {
    expect(checks.map(({ id }) => id)).toEqual([...CHAIN_CHECKS]);
    const row = rows.find((one) => one.purpose === purpose);
    expect(certificate).toMatchObject({ serial: row?.serial, thumbprint: row?.thumbprint, authority: false });
    expect(Buffer.from(certificate?.thumbprintHex ?? "", "hex").toString("base64url")).toBe(row?.thumbprint);
    expect(certificate?.notAfter).toEqual(row?.notAfter);
  }
  expect(reports[0]?.certificate).toMatchObject({
    subject: "CN=checked-1",
    issuer: "CN=Vigil transport authority",
    names: ["URI:spiffe://bank/agent/checked-1"],
    keyUsage: ["digitalSignature"],
    extendedKeyUsage: ["clientAuth", "serverAuth"],
    key: "P-256",
    signature: "ECDSA with SHA-256",
  });
});

test("what a revocation takes away is told for each certificate", async () => {
  await world.enrol("checked-2");
  await withLists("checked-2");
  await banAgentAndBelow(world.ctx(), { name: "checked-2", reason: "it was copied" });
  await vi.waitFor(async () =>
    expect(await faults("checked-2")).toEqual(PURPOSES.map((each) => [each, ["not-revoked"]])),
  );
});

test("time takes the certificates and the lists one after the other", async () => {
  await world.enrol("checked-3");
  await withLists("checked-3");
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000);
  const day = Object.fromEntries(await faults("checked-3", at(25)));
  expect(day).toMatchObject({ transport: ["validity", "crl-fresh"], signature: ["crl-fresh"] });
});

test("an authority's list that is missing from the store fails the certificates of that authority alone", async () => {
  await world.enrol("checked-4");
  await withLists("checked-4");
  const [row] = await database.db.select().from(authorities).where(eq(authorities.purpose, "oauth"));
  await database.asSuper((client) =>
    client.query("update authorities set crl = null where id = $1", [row?.id]),
  );
  const told = Object.fromEntries(await faults("checked-4"));
  await database.asSuper((client) =>
    client.query("update authorities set crl = $2 where id = $1", [row?.id, row?.crl]),
  );
  expect(told).toMatchObject({
    oauth: ["crl-present", "crl-fresh", "crl-signed", "not-revoked"],
    transport: [],
  });
});

test("a certificate that was changed in the store is found out", async () => {
  const { agentId } = await world.enrol("checked-5");
  await withLists("checked-5");
  const [other] = await database.db.select().from(credentials).where(eq(credentials.purpose, "transport"));
  await database.asSuper((client) =>
    client.query(
      "update credentials set certificate_pem = $2 where agent_id = $1 and purpose = 'transport'",
      [agentId, other?.certificatePem],
    ),
  );
  expect(Object.fromEntries(await faults("checked-5")).transport).toEqual(["identity"]);
  await database.asSuper((client) =>
    client.query(
      "update credentials set certificate_pem = 'nothing' where agent_id = $1 and purpose = 'oauth'",
      [agentId],
    ),
  );
  const { reports } = await check("checked-5");
  expect(reports.find(({ purpose }) => purpose === "oauth")).toMatchObject({
    outcome: "deny",
    certificate: null,
  });
});

test("an agent that never enrolled has nothing to check, and one that is none is unknown", async () => {
  await world.register("checked-6");
  expect((await check("checked-6")).reports).toEqual([]);
  await expect(check("nobody")).rejects.toMatchObject({ code: "agent_unknown" });
});

test("refuses whoever lacks the permission", async () => {
  const nobody = { ...world.ctx(), actor: { ...ANALYST, roles: [] } };
  await expect(checkAgentCertificates(nobody, { name: "checked-1" })).rejects.toMatchObject({
    code: "not_permitted",
  });
});
