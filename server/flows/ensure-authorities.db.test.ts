import { randomBytes, X509Certificate } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { auditRecords, authorities, sealedKeys } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { createKeyStore } from "../keys/key-store.ts";
import { type KeyRole, roleKek } from "../keys/role-kek.ts";
import { loadDoorCertificate } from "../layers/identity/load-door-certificate.ts";
import { trustBundle } from "../layers/identity/trust-bundle.ts";
import { ensureAuthorities } from "./ensure-authorities.ts";

const ENV = { gatewayUrl: "https://gateway.bank.example:8443", enrolUrl: "https://localhost:8444" };
const NOW = new Date("2026-11-23T08:00:00.000Z");
const DAY_MS = 86_400_000;
const later = (days: number) => new Date(NOW.getTime() + days * DAY_MS);
const kek = randomBytes(32);
let database: TestDatabase;
const store = (role: KeyRole) => createKeyStore(database.db, role, roleKek(kek, role));
const door = async () => new X509Certificate((await loadDoorCertificate(database.db, store("gateway"))).cert);

beforeAll(async () => {
  database = await createTestDatabase();
  await Promise.all([1, 2, 3].map(() => ensureAuthorities(database.db, ENV, kek, NOW)));
});
afterAll(() => database.close());

test("three processes that start at once end with one authority of each purpose", async () => {
  const rows = await database.db.select().from(authorities);
  expect(rows.map((row) => row.purpose).sort()).toEqual(
    [
      "callback",
      "door",
      "encryption",
      "oauth",
      "root",
      "server",
      "signature",
      "transport",
      "transport-anchor",
    ].sort(),
  );
});

test("every authority made is in the audit log, in the same transaction", async () => {
  const made = await database.db
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.kind, "authority.created"));
  expect(made).toHaveLength(8);
});

test("the root signs itself and every issuing authority, and nothing of it is a leaf's", async () => {
  const rows = await database.db.select().from(authorities);
  const root = new X509Certificate(rows.find((row) => row.purpose === "root")?.certificatePem ?? "");
  expect(root.verify(root.publicKey)).toBe(true);
  for (const row of rows) {
    if (["root", "door", "transport-anchor"].includes(row.purpose)) continue;
    const issuer = new X509Certificate(row.certificatePem);
    expect(issuer.verify(root.publicKey), row.purpose).toBe(true);
    expect(issuer.ca).toBe(true);
  }
});

test("no gateway, console or worker opens the root's key, and no gateway an issuing key", async () => {
  const open = (role: KeyRole, name: string) => store(role).open(name);
  for (const role of ["gateway", "console", "worker"] as const)
    await expect(open(role, "ca:root")).rejects.toMatchObject({ code: "key_missing" });
  await expect(open("gateway", "ca:transport")).rejects.toMatchObject({ code: "key_missing" });
  await expect(open("worker", "door")).rejects.toMatchObject({ code: "key_missing" });
  await expect(open("worker", "ca:transport")).resolves.toMatchObject({ algorithm: "ES256" });
});

test("a gateway that writes its role over an issuing key's row still cannot open it", async () => {
  await database.asSuper((client) =>
    client.query("update sealed_keys set role = 'gateway' where name = 'ca:callback'"),
  );
  await expect(store("gateway").open("ca:callback")).rejects.toMatchObject({
    code: "sealed_blob_unopenable",
  });
  await database.asSuper((client) =>
    client.query("update sealed_keys set role = 'worker' where name = 'ca:callback'"),
  );
});

test("no private key lies in the database unsealed", async () => {
  for (const row of await database.db.select().from(sealedKeys))
    expect(JSON.stringify(row.publicJwk)).not.toContain('"d"');
});

test("the doors' certificate names every host that agents use, and serves only", async () => {
  const certificate = await door();
  expect(certificate.checkHost("gateway.bank.example")).toBeTruthy();
  expect(certificate.checkHost("localhost")).toBeTruthy();
  expect(certificate.checkIP("127.0.0.1")).toBeTruthy();
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(certificate.ca).toBe(false);
});

test("starting again changes nothing; a new host or the last third of its life brings a new certificate", async () => {
  const first = (await door()).serialNumber;
  await ensureAuthorities(database.db, ENV, kek, later(1));
  expect((await door()).serialNumber).toBe(first);
  await ensureAuthorities(database.db, { ...ENV, gatewayUrl: "https://new.bank.example" }, kek, later(1));
  const second = await door();
  expect(second.serialNumber).not.toBe(first);
  expect(second.checkHost("new.bank.example")).toBeTruthy();
  await ensureAuthorities(database.db, { ...ENV, gatewayUrl: "https://new.bank.example" }, kek, later(62));
  expect((await door()).serialNumber).not.toBe(second.serialNumber);
});

test("an issuing authority near its end gets a successor while the root stays", async () => {
  const before = await trustBundle(database.db);
  await ensureAuthorities(database.db, ENV, kek, later(3 * 365 - 100));
  const rows = await database.db.select().from(authorities).where(eq(authorities.purpose, "transport"));
  expect(rows).toHaveLength(2);
  expect(new Set(rows.map((row) => row.keyName)).size).toBe(2);
  const after = await trustBundle(database.db);
  expect(after.startsWith(before.slice(0, before.indexOf("-----END")))).toBe(true);
});
