import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { calculateJwkThumbprint, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { auditKeys } from "../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../db/testing/test-database.ts";
import { receiptSigner } from "../server/gateway/sign-receipt.ts";
import { noteVerifier, verifierText } from "../server/kernel/signed-note.ts";
import { checkpointCopyPath, checkpointKeyPath } from "../server/layers/audit/checkpoint-copy.ts";
import { createAuditLog, makeCheckpointKey, TEST_NOW } from "../server/layers/audit/testing/audit-log.ts";
import { run } from "./verify.ts";

let database: TestDatabase;
let log: Awaited<ReturnType<typeof createAuditLog>>;
let ids: string[];
const receiptKey = generateKeyPairSync("ed25519");
let signReceipt: ReturnType<typeof receiptSigner>;

beforeAll(async () => {
  database = await createTestDatabase();
  log = await createAuditLog(database.db);
  ids = await log.append(10);
  await vi.waitFor(
    async () => {
      await log.chain();
      expect((await log.sign()).refusal).toBeNull();
      expect((await log.copy.last())?.size).toBe(10);
    },
    { timeout: 15_000 },
  );
  const publicJwk = receiptKey.publicKey.export({ format: "jwk" }) as JWK;
  const keyId = await calculateJwkThumbprint(publicJwk);
  signReceipt = receiptSigner({
    name: "receipt",
    keyId,
    algorithm: "EdDSA",
    privateKey: receiptKey.privateKey,
    publicJwk,
  });
  await database.db
    .insert(auditKeys)
    .values({ keyId, name: "receipt", purpose: "receipt", publicJwk, validFrom: TEST_NOW });
});
afterAll(async () => {
  log.close();
  await database.close();
});

/** Runs the command as the reader's role and returns what it printed. */
async function verify(...args: string[]): Promise<{ code: number; out: string }> {
  let out = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    return { code: await run(["--database-url", database.urls.reader, ...args]), out };
  } finally {
    spy.mockRestore();
    vi.restoreAllMocks();
  }
}

const copy = () => [
  "--checkpoints",
  checkpointCopyPath(log.dataDir),
  "--key",
  checkpointKeyPath(log.dataDir),
];
const tamper = (sql: string, values: unknown[] = []) =>
  database.asSuper(async (client) => {
    await client.query("set session_replication_role = replica");
    return client.query(sql, values);
  });

async function receiptFor(
  id: string,
  change: Partial<Parameters<typeof signReceipt>[0]> = {},
): Promise<string> {
  const { rows } = await database.db.$client.query(
    "select encode(digest, 'hex') as digest from audit_records where id = $1",
    [id],
  );
  const file = path.join(log.dataDir, "receipt");
  const at = TEST_NOW.toISOString();
  writeFileSync(
    file,
    signReceipt({
      recordId: id,
      recordDigest: `sha256:${rows[0]?.digest ?? "0".repeat(64)}`,
      at,
      chainedBy: at,
      ...change,
    }),
  );
  return file;
}

describe("vigil verify", () => {
  test("exits 0 on a clean log and says what was and was not checked", async () => {
    const { code, out } = await verify(...copy());
    expect(code).toBe(0);
    expect(out).toContain("CLEAN: 10 entries");
    expect(out).toContain("came from outside the database");
    expect((await verify()).out).toContain("Not compared");
  });

  test("--json prints the whole report as one line", async () => {
    const { code, out } = await verify("--json", "--from", "3", "--to", "7");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ outcome: "clean", fromSeq: 3, toSeq: 7, findings: [] });
    expect(out.trim().split("\n")).toHaveLength(1);
  });

  test("a key that did not sign is not a clean log", async () => {
    const other = noteVerifier("vigil/other", (await makeCheckpointKey()).publicKey);
    const { code, out } = await verify("--key", verifierText(other));
    expect(code).toBe(1);
    expect(out).toContain("wrong-key");
  });

  test("exits 2 where it cannot verify: an empty log, no database, wrong words", async () => {
    const empty = await createTestDatabase();
    vi.spyOn(process.stdout, "write").mockImplementation(() => true);
    vi.spyOn(process.stderr, "write").mockImplementation(() => true);
    try {
      expect(await run(["--database-url", empty.urls.reader])).toBe(2);
      expect(await run(["--from", "zero"])).toBe(2);
      await expect(run(["--data-dir", log.dataDir])).rejects.toThrow("No database");
      await expect(run(["--database-url", "postgres://127.0.0.1:1/none"])).rejects.toThrow();
    } finally {
      vi.restoreAllMocks();
      await empty.close();
    }
  });

  test("a receipt is held against the log", async () => {
    const kept = await verify("--receipt", await receiptFor(ids[3] as string));
    expect(kept).toMatchObject({ code: 0, out: expect.stringContaining("number 4") });
    const other = await receiptFor(ids[3] as string, { recordDigest: `sha256:${"1".repeat(64)}` });
    expect(await verify("--receipt", other)).toMatchObject({
      code: 1,
      out: expect.stringContaining("not the one"),
    });
    const gone = await receiptFor("00000000-0000-7000-8000-000000000000");
    expect(await verify("--receipt", gone)).toMatchObject({
      code: 1,
      out: expect.stringContaining("is gone"),
    });
  });

  test("a receipt that should have been chained by now and is not, and one that nobody signed", async () => {
    const slow = await database.db.$client.connect();
    try {
      await slow.query("begin");
      await slow.query("select pg_current_xact_id()");
      const [waiting = ""] = await log.append(1);
      expect(await verify("--receipt", await receiptFor(waiting))).toMatchObject({
        code: 1,
        out: expect.stringContaining("should have been chained"),
      });
    } finally {
      await slow.query("rollback");
      slow.release();
    }
    const file = await receiptFor(ids[0] as string);
    writeFileSync(file, "e30.e30.AAAA");
    expect(await verify("--receipt", file)).toMatchObject({ code: 2 });
  });

  test("exits 1 on findings and names the first bad record; control characters stay out of the terminal", async () => {
    await tamper("update audit_records set actor = E'\\u001b[31m' where id = $1", [ids[6]]);
    await tamper("update audit_records set body = 'x' where id = $1", [ids[8]]);
    const { code, out } = await verify(...copy());
    expect(code).toBe(1);
    expect(out).toContain(`First bad record: number 7, ${ids[6]} (edit)`);
    expect(out).not.toContain("\u001b");
  });
});
