import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../db/testing/test-database.ts";
import { listAuthorities } from "../server/layers/identity/list-authorities.ts";
import { prepareAuthority } from "../server/layers/identity/prepare-authority.ts";
import { createIdentityWorld, type IdentityWorld } from "../server/layers/identity/testing/identity-world.ts";

let database: TestDatabase;
let world: IdentityWorld;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  world = await createIdentityWorld(database);
  folder = mkdtempSync(path.join(tmpdir(), "vigil-root-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world.close();
  await database.close();
});

const vigil = (args: string[], more: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["cli/vigil.mjs", "authority", ...args], {
    encoding: "utf8",
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "test",
      DATABASE_URL: database.urls.app,
      DATABASE_OWNER_URL: database.urls.owner,
      VIGIL_KEK: world.kek.toString("hex"),
      ...more,
    },
  });
  return { status, stdout, stderr };
};
const secret = { VIGIL_ROOT_PASSPHRASE: "correct horse battery staple" };
const keyFile = () => path.join(folder, "root.pem");
const prepared = async () =>
  (await listAuthorities(world.ctx())).authorities.filter((it) => it.status === "prepared").length;

test("a call that is not understood, or lacks the whole key-encryption key, exits 2 and says what is missing", () => {
  for (const args of [[], ["sign", "--out", "x"], ["take-offline"], ["sign", "sign"]])
    expect(vigil(args)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("usage:") });
  const { status, stderr } = vigil(["sign"], { VIGIL_KEK: "", VIGIL_ROLE_KEK: "0".repeat(64) });
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining("VIGIL_KEK") });
});

test("the authorities that wait are certified", async () => {
  await prepareAuthority(world.ctx(), { purpose: "oauth", reason: "yearly change" });
  expect(vigil(["sign"])).toMatchObject({ status: 0, stdout: '{"prepared":1,"lists":0}\n' });
  expect(await prepared()).toBe(1);
});

test("the root goes offline into a new 0600 file, with a passphrase worth the name, and nothing is overwritten", async () => {
  expect(vigil(["take-offline", "--out", keyFile()])).toMatchObject({ status: 2 });
  expect(existsSync(keyFile())).toBe(false);
  const taken = path.join(folder, "taken.pem");
  writeFileSync(taken, "somebody's");
  expect(vigil(["take-offline", "--out", taken], secret).status).toBe(2);
  expect(readFileSync(taken, "utf8")).toBe("somebody's");
  expect(vigil(["take-offline", "--out", keyFile()], secret).status).toBe(0);
  expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
});

test("afterwards the file and its passphrase certify, and nothing less does", async () => {
  await prepareAuthority(world.ctx(), { purpose: "callback", reason: "yearly change" });
  expect(vigil(["sign"])).toMatchObject({ status: 2 });
  const wrong = vigil(["sign", "--root-key", keyFile()], { VIGIL_ROOT_PASSPHRASE: "wrong" });
  expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining("VIGIL_ROOT_PASSPHRASE") });
  expect(await prepared()).toBe(1);
  expect(vigil(["sign", "--root-key", keyFile()], secret)).toMatchObject({ status: 0 });
  expect(await prepared()).toBe(2);
});
