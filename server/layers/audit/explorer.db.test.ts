import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { auditIndex } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import type { Actor } from "../../kernel/actor.ts";
import { listRecords } from "./list-records.ts";
import { readChainState } from "./read-chain-state.ts";
import { readLatestVerification } from "./read-latest-verification.ts";
import { readRecord } from "./read-record.ts";
import { readVerification } from "./read-verification.ts";
import { startVerification } from "./start-verification.ts";
import { createAuditLog, TEST_NOW } from "./testing/audit-log.ts";
import { makeSigningAgent, type TestAgent, writeSignedRequest } from "./testing/signed-requests.ts";

let database: TestDatabase;
let log: Awaited<ReturnType<typeof createAuditLog>>;
let agent: TestAgent;
let signed: string;

const operator = (email: string, ...roles: string[]): Actor => ({
  type: "operator",
  id: email,
  email,
  roles,
  sessionId: null,
});
const as = (actor: Actor, now = TEST_NOW): VerbContext => ({ db: database.db, actor, now });
const auditor = operator("auditor@bank.example", "auditor");
const system: Actor = { type: "system", id: "test" };
const nobody = operator("nobody@bank.example");

beforeAll(async () => {
  database = await createTestDatabase();
  log = await createAuditLog(database.db);
  agent = await makeSigningAgent(database.db);
  await log.append(25);
  signed = await writeSignedRequest(
    database.db,
    agent,
    [{ action: "transactions:read" }],
    new Date(TEST_NOW.getTime() + 5_000),
  );
  await database.db
    .insert(auditIndex)
    .values({ kind: "transaction", value: "TX-1", recordId: signed, at: TEST_NOW });
  await vi.waitFor(
    async () => {
      await log.chain();
      await log.sign();
      expect((await readChainState(as(system))).provable).toBe(26);
    },
    { timeout: 15_000 },
  );
});
afterAll(async () => {
  log.close();
  await database.close();
});

const reads = async (email: string) => {
  const { rows } = await database.db.$client.query(
    "select convert_from(body, 'UTF8')::jsonb as body from audit_records where kind = 'audit.read' and actor = $1 order by at",
    [email],
  );
  return rows.map(({ body }) => body.details);
};

describe("the explorer", () => {
  test("pages through every record once, newest first", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listRecords(as(system), { limit: 7, cursor });
      seen.push(...page.records.map(({ id }) => id));
      const times = page.records.map(({ at }) => at.getTime());
      expect(times).toEqual([...times].sort((a, b) => b - a));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toHaveLength(26);
    expect(new Set(seen).size).toBe(26);
  });

  test.each([
    ["agent", () => ({ agent: agent.name }), 1],
    ["kind", () => ({ kind: "test.noted" }), 25],
    ["outcome", () => ({ outcome: "allow" as const }), 1],
    ["actor", () => ({ actor: agent.name }), 1],
    ["transaction", () => ({ search: "TX-1" }), 1],
    ["record id", () => ({ search: signed }), 1],
    ["time", () => ({ from: new Date(TEST_NOW.getTime() + 100), to: new Date(TEST_NOW.getTime() + 110) }), 1],
    ["what is not there", () => ({ search: "TX-2" }), 0],
  ])("filters by %s", async (_, filter, count) => {
    expect((await listRecords(as(system), filter())).records).toHaveLength(count);
  });

  test("refuses a cursor that is none of its own", async () => {
    await expect(listRecords(as(system), { cursor: "x" })).rejects.toMatchObject({ code: "cursor_invalid" });
  });

  test("says of each record how far it has come", async () => {
    const [id = ""] = await log.append(1, { kind: "test.young", now: new Date(TEST_NOW.getTime() + 10_000) });
    const state = async () => (await listRecords(as(system), { kind: "test.young" })).records[0]?.state;
    expect(await state()).toBe("durable");
    await expect.poll(async () => (await log.chain()) && state(), { timeout: 15_000 }).toBe("chained");
    expect((await readRecord(as(system), { id })).proof).toBeNull();
    await log.sign();
    expect(await state()).toBe("provable");
  });

  test("shows a record with its entry, a proof that verifies, and the request without the token", async () => {
    const record = await readRecord(as(auditor), { id: signed });
    expect(record).toMatchObject({
      digestMatches: true,
      state: "provable",
      agent: { name: agent.name },
      chain: { seq: record.seq },
      proof: { verifies: true },
      payload: { actions: [{ action: "transactions:read" }], truncated: false },
    });
    expect(JSON.parse(record.canonical)).toEqual(record.body);
    expect(record.payload?.signatureBase).toContain('"authorization": Bearer …');
    expect(JSON.stringify(record)).not.toContain("Bearer test");
  });
});

describe("who may look, and that they looked", () => {
  test.each([
    ["listRecords", () => listRecords(as(nobody), {})],
    ["readRecord", () => readRecord(as(nobody), { id: signed })],
    ["readChainState", () => readChainState(as(nobody))],
    ["readVerification", () => readVerification(as(nobody), {})],
    ["readLatestVerification", () => readLatestVerification(as(nobody))],
    ["startVerification", () => startVerification(as(operator("a@bank.example", "approver")), {})],
  ])("%s rejects an actor without the permission", async (_, call) => {
    await expect(call()).rejects.toMatchObject({ code: "not_permitted" });
  });

  test("reading a record is recorded, once in ten minutes for each person", async () => {
    const analyst = operator("analyst@bank.example", "analyst");
    const later = (minutes: number) => new Date(TEST_NOW.getTime() + minutes * 60_000);
    for (const minutes of [0, 1, 9]) await readRecord(as(analyst, later(minutes)), { id: signed });
    expect(await reads(analyst.type === "operator" ? analyst.email : "")).toEqual([{ recordId: signed }]);
    await readRecord(as(analyst, later(11)), { id: signed });
    expect(await reads("analyst@bank.example")).toHaveLength(2);
  });

  test("a search is recorded with what was searched for; the same search again is not", async () => {
    const searcher = operator("searcher@bank.example", "compliance");
    await listRecords(as(searcher), { search: "TX-1" });
    await listRecords(as(searcher), { search: "TX-1", limit: 3 });
    await listRecords(as(searcher), { search: "TX-9" });
    expect(await reads("searcher@bank.example")).toEqual([
      { listed: { search: "TX-1" } },
      { listed: { search: "TX-9" } },
    ]);
  });
});

describe("asking for a verification", () => {
  test("is recorded with who asked and for what; an empty range is refused; a queue has an end", async () => {
    await expect(startVerification(as(auditor), { fromSeq: 5, toSeq: 4 })).rejects.toMatchObject({
      code: "range_empty",
    });
    const { id } = await startVerification(as(auditor), { fromSeq: 2, toSeq: 9 });
    expect(await readVerification(as(auditor), { id })).toMatchObject({
      status: "queued",
      fromSeq: 2,
      toSeq: 9,
      requestedBy: "auditor@bank.example",
    });
    expect((await readLatestVerification(as(auditor)))?.id).toBe(id);
    const { rows } = await database.db.$client.query(
      "select actor, convert_from(body, 'UTF8')::jsonb->'details' as details from audit_records where kind = 'audit.verification-requested'",
    );
    expect(rows).toEqual([
      {
        actor: "auditor@bank.example",
        details: { verificationId: id, fromSeq: 2, toSeq: 9, withSignatures: true },
      },
    ]);
    for (let i = 1; i < 5; i++) await startVerification(as(auditor), {});
    await expect(startVerification(as(auditor), {})).rejects.toMatchObject({ code: "verifications_waiting" });
  });

  test("an unknown verification is not found", async () => {
    await expect(
      readVerification(as(auditor), { id: "00000000-0000-7000-8000-000000000000" }),
    ).rejects.toMatchObject({ code: "verification_unknown" });
  });
});
