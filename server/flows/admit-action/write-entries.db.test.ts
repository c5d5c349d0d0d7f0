import { randomBytes, randomUUID } from "node:crypto";
import { eq, inArray } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agents, auditIndex, auditPayloads, auditRecords, requestNonces } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { sha256 } from "../../kernel/hash.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import type { Entry } from "./entry.ts";
import { writeEntries } from "./write-entries.ts";

let database: TestDatabase;
let agentId: string;
const now = new Date("2026-01-01T00:00:00Z");

beforeAll(async () => {
  database = await createTestDatabase();
  agentId = randomUUID();
  await database.db
    .insert(agents)
    .values({ id: agentId, name: "writer", did: "did:web:writer", createdAt: now });
});
afterAll(() => database.close());

function makeEntry(nonce = randomBytes(16).toString("hex"), signed = nonce): Entry {
  const body = Buffer.from(`{"id":"${randomUUID()}"}`);
  const id = uuidv7(now.getTime());
  return {
    agentId,
    at: now,
    nonce: { keyId: "key", nonce, digest: sha256(signed) },
    status: 202,
    answer: { receipt: id },
    record: { id, kind: "agent.actions", actor: "writer", outcome: "allow", body, digest: sha256(body) },
    payload: {
      ...{ bytes: Buffer.from("[]"), encoding: "identity" as const, signatureBase: "base", keyId: "key" },
      ...{ signature: randomBytes(64), salt: randomBytes(32) },
    },
    index: [{ kind: "transaction", value: `tx-${id}` }],
    slices: [],
    alerts: [],
    rulesVersion: 1,
  };
}

const recordsOf = (entries: Entry[]) =>
  database.db
    .select()
    .from(auditRecords)
    .where(
      inArray(
        auditRecords.id,
        entries.map(({ record }) => record.id),
      ),
    );

it("a batch without a conflict leaves every record, payload, search key and nonce", async () => {
  const entries = Array.from({ length: 20 }, () => makeEntry());
  expect(await writeEntries(database.db, entries)).toEqual(entries.map(() => ({ kind: "written" })));
  expect(await recordsOf(entries)).toHaveLength(20);
  const [first] = entries;
  const id = first?.record.id ?? "";
  expect(await database.db.select().from(auditPayloads).where(eq(auditPayloads.recordId, id))).toHaveLength(
    1,
  );
  expect(await database.db.select().from(auditIndex).where(eq(auditIndex.recordId, id))).toHaveLength(1);
  const nonces = await database.db
    .select()
    .from(requestNonces)
    .where(eq(requestNonces.nonce, first?.nonce?.nonce ?? ""));
  expect(nonces).toMatchObject([{ status: 202, answer: { receipt: id } }]);
});

it("a repeated nonce in a batch takes nobody with it: the others are written, it gets the first answer or is refused", async () => {
  const before = makeEntry();
  await writeEntries(database.db, [before]);
  const { nonce = "" } = before.nonce ?? {};
  const batch = [makeEntry(), makeEntry(nonce), makeEntry(nonce, "another request"), makeEntry()];
  expect(await writeEntries(database.db, batch)).toEqual([
    { kind: "written" },
    { kind: "replayed", status: 202, answer: before.answer },
    { kind: "nonce-reused" },
    { kind: "written" },
  ]);
  expect((await recordsOf(batch)).map(({ id }) => id).sort()).toEqual(
    [batch[0], batch[3]].map((it) => it?.record.id).sort(),
  );
});

it("of one nonce twice in one batch the first is written and the second gets its answer", async () => {
  const first = makeEntry();
  const again = makeEntry(first.nonce?.nonce);
  expect(await writeEntries(database.db, [first, again])).toEqual([
    { kind: "written" },
    { kind: "replayed", status: 202, answer: first.answer },
  ]);
  expect(await recordsOf([first, again])).toHaveLength(1);
});

it("two gateways that write the same nonces at once leave one record for each, and neither waits for ever", async () => {
  const nonces = Array.from({ length: 30 }, () => randomBytes(16).toString("hex"));
  const one = nonces.map((nonce) => makeEntry(nonce));
  const other = [...nonces].reverse().map((nonce) => makeEntry(nonce));
  const [a, b] = await Promise.all([writeEntries(database.db, one), writeEntries(database.db, other)]);
  const written = [...a, ...b].filter(({ kind }) => kind === "written");
  expect(written).toHaveLength(30);
  expect(await recordsOf([...one, ...other])).toHaveLength(30);
});

it("a record that the database refuses leaves nothing of its batch", async () => {
  const good = makeEntry();
  const bad = makeEntry();
  bad.record.actor = "\u0000";
  await expect(writeEntries(database.db, [good, bad])).rejects.toMatchObject({ code: "22021" });
  expect(await recordsOf([good, bad])).toHaveLength(0);
});
