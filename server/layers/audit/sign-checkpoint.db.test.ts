import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { noteVerifier } from "../../kernel/signed-note.ts";
import { chainRecords } from "./chain-records.ts";
import { checkpointAtOrBelow } from "./chain-store.ts";
import { checkpointCopyPath } from "./checkpoint-copy.ts";
import { readCheckpoint } from "./engine/checkpoint.ts";
import { proveRecord } from "./prove-record.ts";
import { readTree } from "./read-tree.ts";
import { signCheckpoint } from "./sign-checkpoint.ts";
import { createAuditLog, TEST_NOW } from "./testing/audit-log.ts";

let database: TestDatabase;
let log: Awaited<ReturnType<typeof createAuditLog>>;

beforeEach(async () => {
  database = await createTestDatabase();
  log = await createAuditLog(database.db);
  await growBy(5);
});
afterEach(async () => {
  log.close();
  await database.close();
});

const unchained = async () => {
  await log.chain();
  const { rows } = await database.db.$client.query(
    "select (select count(*) from audit_records) - (select count(*) from audit_chain) as waiting",
  );
  return rows[0].waiting;
};
async function chainBy(count: number) {
  await log.append(count);
  await expect.poll(unchained, { timeout: 15_000 }).toBe(0);
}
async function growBy(count: number) {
  await chainBy(count);
  return log.sign();
}
const tamper = (sql: string, values: unknown[] = []) =>
  database.asSuper(async (client) => {
    await client.query("set session_replication_role = replica");
    return client.query(sql, values);
  });
const newest = () => checkpointAtOrBelow(database.db, Number.MAX_SAFE_INTEGER);
const fence = async () => undefined;
const signer = (change: object = {}) => ({
  key: log.key,
  copy: log.copy,
  fence,
  epoch: 1,
  now: TEST_NOW,
  ...change,
});
const cutTo = async (size: number) => {
  await tamper("delete from audit_records where id in (select record_id from audit_chain where seq > $1)", [
    size,
  ]);
  await tamper("delete from audit_chain where seq > $1", [size]);
  await tamper("delete from audit_checkpoints where size > $1", [size]);
};

describe("checkpoints", () => {
  test("are signed notes over size and root, with the key registered", async () => {
    const row = await newest();
    const { rows } = await database.db.$client.query("select * from audit_keys");
    expect(rows).toMatchObject([{ key_id: row?.keyId, purpose: "checkpoint" }]);
    const { checkpoint } = readCheckpoint(row?.note ?? "", [noteVerifier(rows[0].name, log.key.publicKey)]);
    expect(checkpoint).toEqual({ origin: rows[0].name, size: 5, root: row?.root });
  });

  test("nothing is signed while the chain does not grow", async () => {
    expect(await log.sign()).toEqual({ size: null, more: false, refusal: null });
  });

  test("every entry is proved against the first checkpoint that covers it, and none before there is one", async () => {
    await growBy(9);
    await growBy(1);
    for (let seq = 1; seq <= 15; seq++)
      expect(await proveRecord(database.db, seq)).toMatchObject({
        leafIndex: seq - 1,
        verifies: true,
        checkpoint: { size: seq <= 5 ? 5 : seq <= 14 ? 14 : 15 },
      });
    await chainBy(1);
    expect(await proveRecord(database.db, 16)).toBeNull();
  });

  test("of two signers one wins, and both would have signed the same", async () => {
    await chainBy(3);
    const results = await Promise.allSettled([
      signCheckpoint(database.db, signer()),
      signCheckpoint(database.db, signer()),
    ]);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "checkpoint_exists" });
    expect((await newest())?.size).toBe(8);
  });

  test("a signer that has lost its duty stores nothing", async () => {
    await chainBy(1);
    const lost = async () => {
      throw new Error("the lease is gone");
    };
    await expect(signCheckpoint(database.db, signer({ fence: lost }))).rejects.toThrow("the lease is gone");
    expect((await newest())?.size).toBe(5);
  });
});

describe("a crash", () => {
  test("after signing and before storing: the next run signs the same note", async () => {
    await chainBy(2);
    const before = await readTree(database.db, 7);
    const crash = async () => {
      throw new Error("crash");
    };
    await expect(signCheckpoint(database.db, signer({ fence: crash }))).rejects.toThrow("crash");
    expect((await log.copy.last())?.size).toBe(5);
    expect(await log.sign()).toMatchObject({ size: 7, refusal: null });
    expect(before.problem).toBeNull();
  });

  test("after storing and before copying: the next run copies it", async () => {
    await chainBy(2);
    const append = async () => {
      throw new Error("crash");
    };
    await expect(signCheckpoint(database.db, signer({ copy: { ...log.copy, append } }))).rejects.toThrow(
      "crash",
    );
    expect((await newest())?.size).toBe(7);
    expect((await log.copy.last())?.size).toBe(5);
    expect(await log.sign()).toMatchObject({ size: null, refusal: null });
    expect(await log.copy.last()).toMatchObject({ size: 7, note: (await newest())?.note });
  });

  test("in the middle of copying: the torn line is passed over and the copy goes on", async () => {
    appendFileSync(checkpointCopyPath(log.dataDir), '{"size":6,"root":"00');
    expect((await log.copy.last())?.size).toBe(5);
    await growBy(2);
    expect((await log.copy.last())?.size).toBe(7);
    expect(readFileSync(checkpointCopyPath(log.dataDir), "utf8").endsWith("\n")).toBe(true);
  });

  test("with the copy ahead of the stored checkpoints: the entries prove it, and signing goes on", async () => {
    await growBy(3);
    await tamper("delete from audit_checkpoints where size > 5");
    await growBy(2);
    expect((await newest())?.size).toBe(10);
  });
});

describe("an old backup", () => {
  test("shorter than the copy: nothing is chained and nothing is signed, and the reason is said", async () => {
    await growBy(4);
    await cutTo(5);
    await log.append(1);
    const chained = await chainRecords(database.db, { fence, epoch: 1, copy: log.copy });
    expect(chained).toMatchObject({ chained: 0, refusal: expect.stringContaining("old backup") });
    expect(await log.sign()).toMatchObject({ size: null, refusal: expect.stringContaining("has 5 entries") });
    expect((await newest())?.size).toBe(5);
  });

  test("grown past the copy by other records: it is told by its root", async () => {
    await growBy(4);
    await cutTo(5);
    const line = readFileSync(checkpointCopyPath(log.dataDir), "utf8");
    writeFileSync(checkpointCopyPath(log.dataDir), "");
    await growBy(7);
    writeFileSync(checkpointCopyPath(log.dataDir), line);
    const refused = { refusal: expect.stringContaining("not those that were signed") };
    expect(await log.sign()).toMatchObject(refused);
    expect(await chainRecords(database.db, { fence, epoch: 1, copy: log.copy })).toMatchObject(refused);
  });

  test("moving the copy away is the way to go on knowingly", async () => {
    await growBy(4);
    await cutTo(5);
    writeFileSync(checkpointCopyPath(log.dataDir), "");
    expect(await growBy(1)).toMatchObject({ refusal: null });
  });
});

describe("what was changed before it was signed", () => {
  test("an entry whose hash does not fit is never signed", async () => {
    await chainBy(3);
    await tamper("update audit_chain set hash = sha256(hash) where seq = 7");
    expect(await log.sign()).toMatchObject({ size: null, refusal: expect.stringContaining("Entry 7") });
  });

  test("a hole is never signed", async () => {
    await chainBy(3);
    await tamper("delete from audit_chain where seq = 7");
    expect(await log.sign()).toMatchObject({ size: null, refusal: expect.stringContaining("Entry 7") });
  });
});

test("a log copied into a cluster whose transaction ids start lower is not continued", async () => {
  await tamper("update audit_chain set xid = '99999999999' where seq = 5");
  expect(await log.chain()).toMatchObject({ chained: 0, refusal: expect.stringContaining("pg_resetwal") });
});
