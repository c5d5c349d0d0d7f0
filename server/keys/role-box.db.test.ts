import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { createKeyStore } from "./key-store.ts";
import { ensureBox, openForRole, sealForRole } from "./role-box.ts";
import { roleKek } from "./role-kek.ts";

const now = new Date("2026-11-23T12:00:00Z");
const kek = randomBytes(32);
let test_: TestDatabase;
beforeAll(async () => {
  test_ = await createTestDatabase();
});
afterAll(() => test_.close());

test("what is sealed for a role is opened by that role alone, at its place, unchanged", async () => {
  const { db } = test_;
  const worker = createKeyStore(db, "worker", roleKek(kek, "worker"));
  await expect(sealForRole(db, "worker", "a/1", "secret")).rejects.toMatchObject({ code: "box_missing" });
  await ensureBox(worker, now);
  await ensureBox(worker, now);
  const sealed = await sealForRole(db, "worker", "a/1", "sécret");
  expect(sealed.includes("cret")).toBe(false);
  expect(await openForRole(worker, "a/1", sealed)).toBe("sécret");
  await expect(openForRole(worker, "a/2", sealed)).rejects.toMatchObject({ code: "sealed_blob_unopenable" });
  const consoleKeys = createKeyStore(db, "console", roleKek(kek, "console"));
  await expect(openForRole(consoleKeys, "a/1", sealed)).rejects.toMatchObject({
    code: "sealed_blob_unopenable",
  });
  const wrongKek = createKeyStore(db, "worker", roleKek(randomBytes(32), "worker"));
  await expect(openForRole(wrongKek, "a/1", sealed)).rejects.toMatchObject({
    code: "sealed_blob_unopenable",
  });
  const parts = sealed.toString("ascii").split(".");
  parts[3] = `${parts[3]?.startsWith("A") ? "B" : "A"}${parts[3]?.slice(1)}`;
  const tampered = Buffer.from(parts.join("."));
  await expect(openForRole(worker, "a/1", tampered)).rejects.toMatchObject({
    code: "sealed_blob_unopenable",
  });
});
