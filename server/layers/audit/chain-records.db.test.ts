import { asc } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { auditChain, auditRecords } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { appendRecord } from "./append.ts";
import { CHAIN_BATCH_MAX, chainRecords } from "./chain-records.ts";
import { readHead } from "./chain-store.ts";
import { entryHash, GENESIS_HASH } from "./engine/chain.ts";
import { createAuditLog, TEST_NOW } from "./testing/audit-log.ts";
import { watchHoldup } from "./watch-holdup.ts";

let database: TestDatabase;
let log: Awaited<ReturnType<typeof createAuditLog>>;

beforeEach(async () => {
  database = await createTestDatabase();
  log = await createAuditLog(database.db);
});
afterEach(async () => {
  log.close();
  await database.close();
});

const actor = { type: "system" as const, id: "test" };
const entries = () => database.db.select().from(auditChain).orderBy(asc(auditChain.seq));

/** Every committed record once, numbered from 1 without a gap, each hash over the one before. */
async function expectWholeChain(ids: readonly string[]): Promise<void> {
  const chain = await entries();
  const records = await database.db.select().from(auditRecords);
  const digests = new Map(records.map((record) => [record.id, record.digest]));
  expect(chain.map((entry) => entry.recordId).sort()).toEqual([...ids].sort());
  let prev: Buffer = GENESIS_HASH;
  chain.forEach((entry, i) => {
    expect(entry.seq).toBe(i + 1);
    expect(entry.prevHash).toEqual(prev);
    expect(entry.hash).toEqual(entryHash(entry.seq, prev, digests.get(entry.recordId) as Buffer));
    prev = entry.hash;
  });
  const order = chain.map((entry) => BigInt(entry.xid) * 10_000_000n + BigInt(entry.ord));
  expect(order).toEqual([...order].sort((a, b) => (a < b ? -1 : 1)));
}

describe("the sequencer", () => {
  test("chains every committed record in order, over several batches", async () => {
    await database.asSuper((client) =>
      client.query(
        `insert into audit_records (id, kind, at, actor, body, digest)
         select gen_random_uuid(), 'test', now(), 'test', '\\x00', sha256(i::text::bytea)
         from generate_series(1, $1) i`,
        [CHAIN_BATCH_MAX + 10],
      ),
    );
    const ids = (await database.db.select({ id: auditRecords.id }).from(auditRecords)).map(({ id }) => id);
    // Transactions of other test files keep a record waiting for a moment.
    const chained = async () => {
      await log.chain();
      return (await entries()).length;
    };
    await expect.poll(chained, { timeout: 15_000 }).toBe(ids.length);
    await expectWholeChain(ids);
  });

  test("a record that commits late is never overtaken by one of a younger transaction", async () => {
    const slow = await database.db.$client.connect();
    await slow.query("begin");
    await slow.query(
      `insert into audit_records (id, kind, at, actor, body, digest)
       values ('00000000-0000-7000-8000-000000000001', 'slow', now(), 'test', '\\x00', '\\x01')`,
    );
    const [young] = await log.append(1);
    expect((await log.chain()).chained).toBe(0);
    await slow.query("commit");
    slow.release();
    await vi.waitFor(async () => {
      await log.chain();
      expect((await entries()).map((entry) => entry.recordId)).toEqual([
        "00000000-0000-7000-8000-000000000001",
        young,
      ]);
    });
  });

  test("twenty writers with rollbacks and slow commits: none lost, none twice, order never slips", async () => {
    const kept: string[] = [];
    let writing = 20;
    const writer = async (n: number) => {
      for (let i = 0; i < 12; i++) {
        const id = await database.db
          .transaction(async (tx) => {
            const made = await appendRecord(tx, { kind: "test.raced", actor, now: TEST_NOW });
            if ((n + i) % 3 === 0) await tx.execute(`select pg_sleep(${((n * 7 + i) % 10) / 200})`);
            if ((n + i) % 4 === 0) throw new Error("rolled back");
            return made;
          })
          .catch(() => null);
        if (id) kept.push(id);
      }
      writing -= 1;
    };
    const sequencer = async () => {
      while (writing > 0)
        await chainRecords(database.db, { fence: async () => undefined, epoch: 1, copy: log.copy });
    };
    await Promise.all([sequencer(), ...Array.from({ length: 20 }, (_, n) => writer(n))]);
    await vi.waitFor(async () => {
      await log.chain();
      expect((await entries()).length).toBe(kept.length);
    });
    await expectWholeChain(kept);
  });

  test("of two sequencers at once one continues the head and the other fails, and nothing is chained twice", async () => {
    const ids = await log.append(50);
    const attempt = () =>
      chainRecords(database.db, { fence: async () => undefined, epoch: 1, copy: log.copy });
    const results = await vi.waitFor(async () => {
      const both = await Promise.allSettled([attempt(), attempt(), attempt(), attempt()]);
      expect((await entries()).length).toBe(50);
      return both;
    });
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "head_moved" });
    await expectWholeChain(ids);
  });

  test("a sequencer that has lost its duty writes nothing", async () => {
    await log.append(3);
    const fence = async () => {
      throw new Error("the lease is gone");
    };
    await vi.waitFor(() =>
      expect(chainRecords(database.db, { fence, epoch: 1, copy: log.copy })).rejects.toThrow(
        "the lease is gone",
      ),
    );
    expect(await entries()).toEqual([]);
  });

  test("a connection killed in the middle of a batch leaves nothing half done", async () => {
    const ids = await log.append(30);
    let kills = 0;
    const fence = async (tx: Parameters<Parameters<typeof database.db.transaction>[0]>[0]) => {
      if (kills++ > 2) return;
      const { rows } = await tx.execute<{ pid: number }>("select pg_backend_pid() as pid");
      await database.asSuper((client) => client.query("select pg_terminate_backend($1)", [rows[0]?.pid]));
    };
    await vi.waitFor(
      async () => {
        await chainRecords(database.db, { fence, epoch: 1, copy: log.copy });
        await expectWholeChain(ids);
      },
      { timeout: 10_000 },
    );
    expect(kills).toBeGreaterThan(3);
  });

  test("a transaction that holds committed records up is named with its process", async () => {
    const findHoldup = watchHoldup();
    const look = async () => findHoldup(database.db, (await readHead(database.db)).head, new Date());
    const slow = await database.db.$client.connect();
    try {
      await slow.query("begin");
      const { rows } = await slow.query("select pg_backend_pid() as pid, pg_current_xact_id()");
      await log.append(1);
      expect(await look()).toBeNull();
      await vi.waitFor(
        async () => expect(await look()).toContain(`PostgreSQL process ${rows[0].pid} (vigil_app`),
        { timeout: 8_000, interval: 100 },
      );
    } finally {
      await slow.query("rollback");
      slow.release();
    }
    await vi.waitFor(async () => {
      await log.chain();
      expect(await look()).toBeNull();
    });
  });
});
