import { randomBytes, sign, verify } from "node:crypto";
import { eq } from "drizzle-orm";
import { importJWK } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sealedKeys } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { createKeyStore } from "./key-store.ts";
import { roleKek } from "./role-kek.ts";
import { seal, unseal } from "./seal.ts";

let database: TestDatabase;
const kek = randomBytes(32);
const now = new Date("2026-01-01T00:00:00Z");
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

describe("a role's keys", () => {
  test.each(["EdDSA", "ES256"] as const)(
    "a %s key signs, and its published half verifies",
    async (algorithm) => {
      const store = createKeyStore(database.db, "worker", roleKek(kek, "worker"));
      const key = await store.openOrCreate(`test-${algorithm}`, algorithm, now);
      const signature = sign(algorithm === "EdDSA" ? null : "sha256", Buffer.from("words"), key.privateKey);
      const published = await importJWK(key.publicJwk ?? {}, algorithm);
      expect(published).toBeInstanceOf(CryptoKey);
      const { KeyObject } = await import("node:crypto");
      const publicKey = KeyObject.from(published as CryptoKey);
      expect(
        verify(algorithm === "EdDSA" ? null : "sha256", Buffer.from("words"), publicKey, signature),
      ).toBe(true);
    },
  );

  test("another role cannot open it, even with the row in hand", async () => {
    const worker = createKeyStore(database.db, "worker", roleKek(kek, "worker"));
    await worker.openOrCreate("authority", "ES256", now);
    const gateway = createKeyStore(database.db, "gateway", roleKek(kek, "gateway"));
    await expect(gateway.open("authority")).rejects.toMatchObject({ code: "key_missing" });
    const [row] = await database.db.select().from(sealedKeys).where(eq(sealedKeys.name, "authority"));
    expect(() =>
      unseal(roleKek(kek, "gateway"), "sealed_keys/authority/worker", row?.sealed ?? Buffer.alloc(0)),
    ).toThrow("does not open");
  });

  test("two processes that race end with the same key", async () => {
    const opened = await Promise.all(
      Array.from({ length: 8 }, () =>
        createKeyStore(database.db, "gateway", roleKek(kek, "gateway")).openOrCreate("race", "EdDSA", now),
      ),
    );
    expect(new Set(opened.map((key) => key.keyId)).size).toBe(1);
  });

  test("a sealed blob with one altered byte, or moved to another row, does not open", () => {
    const sealed = seal(kek, "sealed_keys/a/worker", Buffer.from("secret"));
    for (let index = 0; index < sealed.length; index++) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(index) ^ 1, index);
      expect(() => unseal(kek, "sealed_keys/a/worker", altered)).toThrow("does not open");
    }
    expect(() => unseal(kek, "sealed_keys/b/worker", sealed)).toThrow("does not open");
    expect(unseal(kek, "sealed_keys/a/worker", sealed).toString()).toBe("secret");
  });
});
