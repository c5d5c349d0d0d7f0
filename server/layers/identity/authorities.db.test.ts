import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, test, vi } from "vitest";
import { createDatabase, type Database } from "../../../db/client.ts";
import { auditRecords, credentials, sealedKeys } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { ensureAuthorities } from "../../flows/ensure-authorities.ts";
import { serveRoot } from "../../flows/serve-root.ts";
import { takeRootOffline } from "../../flows/take-root-offline.ts";
import { present } from "../../kernel/ensure.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { activateAuthority } from "./activate-authority.ts";
import { crl } from "./crl.ts";
import { listAuthorities } from "./list-authorities.ts";
import { listDependents } from "./list-dependents.ts";
import { prepareAuthority } from "./prepare-authority.ts";
import { revokeAuthority } from "./revoke-authority.ts";
import type { Issuer } from "./schema.ts";
import { taintAuthority } from "./taint-authority.ts";
import { ANALYST, createIdentityWorld, type IdentityWorld } from "./testing/identity-world.ts";
import { trustBundle } from "./trust-bundle.ts";

const reason = "a yearly change of keys";
const NOBODY = "01890000-0000-7000-8000-000000000000";
let database: TestDatabase;
let world: IdentityWorld;
let owner: Database;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
  owner = createDatabase(database.urls.owner, { applicationName: "vigil-root", poolSize: 4 });
  folder = mkdtempSync(path.join(tmpdir(), "vigil-ca-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await owner.$client.end();
  await world.close();
  await database.close();
});

const file = (name: string, content: string | Buffer) => {
  const target = path.join(folder, name);
  writeFileSync(target, content);
  return target;
};
const of = async (purpose: Issuer, status: string) =>
  present(
    (await listAuthorities(world.ctx())).authorities.find(
      (it) => it.purpose === purpose && it.status === status,
    ),
    `a ${status} ${purpose} authority`,
  );
async function replace(purpose: Issuer): Promise<{ before: string; after: string }> {
  const before = (await of(purpose, "active")).id;
  await prepareAuthority(world.ctx(), { purpose, reason });
  await serveRoot(owner, world.kek, new Date());
  const after = (await of(purpose, "prepared")).id;
  await activateAuthority(world.ctx(), { authorityId: after });
  return { before, after };
}

describe("whoever lacks the permission", () => {
  const ctx = () => world.ctx(ANALYST);
  it.each([
    ["prepares", () => prepareAuthority(ctx(), { purpose: "oauth", reason })],
    ["activates", () => activateAuthority(ctx(), { authorityId: NOBODY })],
    ["taints", () => taintAuthority(ctx(), { authorityId: NOBODY, reason })],
    ["revokes", () => revokeAuthority(ctx(), { authorityId: NOBODY, reason, acceptedBreaks: 0 })],
  ])("%s no authority", async (_, act) => {
    await expect(act()).rejects.toMatchObject({ code: "not_permitted" });
  });
});

describe("an authority that is asked for", () => {
  it("is not asked for twice, by two people at once or while one is prepared", async () => {
    const both = await Promise.allSettled(
      [1, 2].map(() => prepareAuthority(world.ctx(), { purpose: "callback", reason })),
    );
    expect(both.filter((it) => it.status === "fulfilled")).toHaveLength(1);
    expect((await listAuthorities(world.ctx())).waiting).toMatchObject([{ purpose: "callback", reason }]);
    await serveRoot(owner, world.kek, new Date());
    await expect(prepareAuthority(world.ctx(), { purpose: "callback", reason })).rejects.toMatchObject({
      code: "authority_in_preparation",
    });
    expect((await listAuthorities(world.ctx())).waiting).toEqual([]);
  });

  it("is made once, whoever else holds the root at the same time", async () => {
    await prepareAuthority(world.ctx(), { purpose: "oauth", reason });
    const made = await Promise.all([1, 2, 3].map(() => serveRoot(owner, world.kek, new Date())));
    expect(made.map(({ prepared }) => prepared).sort()).toEqual([0, 0, 1]);
  });

  it("has a key that the worker alone opens, and signs nothing yet", async () => {
    const agent = await world.enrol("before-activation");
    const prepared = await of("oauth", "prepared");
    expect((await listDependents(world.ctx(), { authorityId: prepared.id })).total).toBe(0);
    const name = `ca:oauth:${prepared.id}`;
    await expect(world.keys("worker").open(name)).resolves.toMatchObject({ algorithm: "ES256" });
    for (const role of ["gateway", "console", "root"] as const)
      await expect(world.keys(role).open(name)).rejects.toMatchObject({ code: "key_missing" });
    expect(agent.certificates.oauth.chainPem).not.toContain(prepared.subject.slice("CN=".length));
  });

  it("is refused with text that would deceive whoever reads it later", async () => {
    const hostile = "fine \u202egnihton";
    await expect(prepareAuthority(world.ctx(), { purpose: "server", reason: hostile })).rejects.toThrow();
  });
});

describe("openssl", () => {
  const verify = (leafPem: string, trusted: string, lists: Buffer[], purpose: string[] = []) => {
    const pem = lists.map((der) =>
      execFileSync("openssl", ["crl", "-inform", "DER", "-outform", "PEM"], { input: der }).toString(),
    );
    const options = ["-x509_strict", "-crl_check_all", ...purpose];
    const { status, stdout, stderr } = spawnSync(
      "openssl",
      [
        ...["verify", ...options, "-CAfile", file("trusted.pem", trusted)],
        ...["-CRLfile", file("lists.pem", pem.join("")), file("leaf.pem", leafPem)],
      ],
      { encoding: "utf8" },
    );
    return status === 0 ? "OK" : `${stdout}${stderr}`;
  };
  const listOf = async (ca: string) => vi.waitFor(() => crl(database.db, ca), 5_000);

  it("believes the old and the new during a change, each by its own list, and not the revoked one after", async () => {
    const first = await world.enrol("openssl-first");
    const { before, after } = await replace("transport");
    const second = await world.enrol("openssl-second");
    const old = present(
      (await listAuthorities(world.ctx())).authorities.find((it) => it.id === before),
      "it",
    );
    const next = present(
      (await listAuthorities(world.ctx())).authorities.find((it) => it.id === after),
      "it",
    );
    const lists = [await listOf("root"), await listOf(old.keyId), await listOf(next.keyId)];
    const bundle = await trustBundle(database.db);
    const sslserver = ["-purpose", "sslserver"];
    for (const { certificates } of [first, second])
      for (const purpose of [sslserver, ["-purpose", "sslclient"]])
        expect(verify(certificates.transport.certificatePem, bundle, lists, purpose)).toBe("OK");

    await taintAuthority(world.ctx(), { authorityId: before, reason });
    const { total } = await listDependents(world.ctx(), { authorityId: before });
    await revokeAuthority(world.ctx(), { authorityId: before, reason, acceptedBreaks: total });
    await serveRoot(owner, world.kek, new Date());
    const after2 = [await listOf("root"), lists[1] as Buffer, await listOf(next.keyId)];
    expect(verify(first.certificates.transport.certificatePem, bundle, after2)).toContain("revoked");
    expect(verify(second.certificates.transport.certificatePem, bundle, after2)).toBe("OK");
    expect(await trustBundle(database.db)).not.toContain(
      first.certificates.transport.chainPem.slice(100, 300),
    );
  });
});

it("an agent whose next certificate may still be on its way depends on the authority before", async () => {
  const name = "between-two";
  const { agentId } = await world.enrol(name);
  const { before, after } = await replace("encryption");
  const [old] = await database.db
    .select()
    .from(credentials)
    .where(and(eq(credentials.agentId, agentId), eq(credentials.authorityId, before)));
  const issuedAt = new Date();
  const next = { id: uuidv7(issuedAt.getTime()), serial: "0a", thumbprint: "next", keyId: "next", issuedAt };
  await database.db.insert(credentials).values({ ...present(old, "it"), ...next, authorityId: after });
  const dependsAfter = async (ms: number) => {
    const ctx = { ...world.ctx(), now: new Date(issuedAt.getTime() + ms) };
    const { dependents } = await listDependents(ctx, { authorityId: before, limit: 100 });
    return dependents.some(({ agentName }) => agentName === name);
  };
  expect(await dependsAfter(4_999)).toBe(true);
  expect(await dependsAfter(5_000)).toBe(false);
});

describe("the root's list", () => {
  it("is signed anew only when it must be, and names revoked authorities in order", async () => {
    const number = async () =>
      present(
        (await listAuthorities(world.ctx())).authorities.find((it) => it.purpose === "root"),
        "it",
      ).crlNumber;
    const before = await number();
    expect((await serveRoot(owner, world.kek, new Date())).lists).toBe(0);
    expect((await serveRoot(owner, world.kek, new Date(Date.now() + 46 * 86_400_000))).lists).toBe(1);
    expect(await number()).toBe(before + 1);
  });
});

describe("the application's role", () => {
  it.each([
    ["certificate_pem = ''", "authorities"],
    ["key_name = 'door'", "authorities"],
    ["not_after = now() + interval '90 years'", "authorities"],
    ["answered_at = now()", "authority_requests"],
  ])("cannot set %s of %s", async (set, table) => {
    await expect(database.db.$client.query(`update ${table} set ${set}`)).rejects.toMatchObject({
      code: "42501",
    });
  });
});

test("a key-encryption key of another installation opens no root", async () => {
  await expect(serveRoot(owner, randomBytes(32), new Date())).rejects.toMatchObject({
    code: "sealed_blob_unopenable",
  });
});

describe("a root that is offline", () => {
  const passphrase = "correct horse battery staple";
  let pem = "";

  it("is handed over encrypted and gone from the database, with a record; a file that cannot be kept keeps it", async () => {
    const by = { kek: world.kek, passphrase, now: new Date() };
    const full = () => {
      throw new Error("disk full");
    };
    await expect(takeRootOffline(owner, { ...by, keep: full })).rejects.toThrow("disk full");
    const inDatabase = () => owner.select().from(sealedKeys).where(eq(sealedKeys.role, "root"));
    expect(await inDatabase()).toHaveLength(1);
    await takeRootOffline(owner, { ...by, keep: (text) => (pem = text) });
    expect(await inDatabase()).toHaveLength(0);
    expect(pem).toContain("BEGIN ENCRYPTED PRIVATE KEY");
    const kinds = await owner.select().from(auditRecords).where(eq(auditRecords.kind, "root.taken-offline"));
    expect(kinds).toHaveLength(1);
  });

  it("lets the installation start, and says what to set where that was not said", async () => {
    await ensureAuthorities(owner, { ...world.env, rootOffline: true }, world.kek, new Date());
    await expect(ensureAuthorities(owner, world.env, world.kek, new Date())).rejects.toMatchObject({
      code: "root_key_elsewhere",
      message: expect.stringContaining("VIGIL_ROOT_OFFLINE=1"),
    });
  });

  it("certifies when its key is brought, and no other key is taken for it", async () => {
    await prepareAuthority(world.ctx(), { purpose: "encryption", reason });
    await expect(serveRoot(owner, world.kek, new Date())).rejects.toMatchObject({ code: "key_missing" });
    const { privateKey: foreign } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await expect(serveRoot(owner, world.kek, new Date(), foreign)).rejects.toMatchObject({
      code: "root_key_foreign",
    });
    const key = createPrivateKey({ key: pem, passphrase });
    expect(await serveRoot(owner, world.kek, new Date(), key)).toMatchObject({ prepared: 1 });
    await activateAuthority(world.ctx(), { authorityId: (await of("encryption", "prepared")).id });
  });
});
