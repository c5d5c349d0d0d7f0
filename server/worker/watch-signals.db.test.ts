import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { makeSignalSource } from "../flows/make-signal-source.ts";
import { receiveSignals } from "../flows/receive-signals.ts";
import { sourceById } from "../layers/monitoring/signal-source-store.ts";
import { switchSignalSource } from "../layers/monitoring/switch-signal-source.ts";
import { falcoEvent } from "../trpc/testing/signal-door.ts";
import type { DutyContext } from "./duty.ts";
import { takeLease } from "./lease.ts";
import { watchSignals } from "./watch-signals.ts";

const START = new Date("2026-03-02T10:00:00.000Z");
const at = (seconds: number) => new Date(START.getTime() + seconds * 1_000);
const admin = {
  ...{ type: "operator" as const, id: "admin", email: "admin@bank", sessionId: null },
  roles: ["admin"],
};
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test?.close());

async function watch(now: Date, holder = "worker-1") {
  const lease = await takeLease(test.db, watchSignals.name, holder);
  const context = {
    db: test.db,
    now,
    log: pino({ enabled: false }),
    lease: lease ?? { name: watchSignals.name, holder, epoch: 0 },
  };
  return watchSignals.run(context as DutyContext);
}
const make = async (name: string, silentAfterSeconds: number | null = 60) =>
  (
    await makeSignalSource(
      { db: test.db, actor: admin, now: START },
      { name, kind: "falcosidekick", auth: "bearer", silentAfterSeconds },
    )
  ).sourceId;
const hear = async (sourceId: string, now: Date) =>
  receiveSignals(
    { db: test.db, actor: { type: "system", id: "test" }, now },
    await sourceById(test.db, sourceId),
    {
      ...{ body: Buffer.from(JSON.stringify(falcoEvent())), messageId: null, sourceIp: "192.0.2.1" },
    },
  );
const alerts = async (name: string) =>
  (
    await test.db.execute<{ count: number; severity: string }>(
      sql`select count, severity from alerts where rule = ${`signal-silent:${name}`}`,
    )
  ).rows;
const records = async (sourceId: string, kind: string) =>
  (
    await test.db.execute(sql`
      select 1 from audit_index i join audit_records r on r.id = i.record_id
      where i.value = ${`signal-source:${sourceId}`} and r.kind = ${kind}`)
  ).rows.length;

it("a source that is silent beyond what it declared is told once, and again only after it was heard", async () => {
  const id = await make("falls-silent");
  await hear(id, at(10));
  await watch(at(70));
  expect(await alerts("falls-silent")).toEqual([]);
  await watch(at(71));
  await watch(at(500));
  expect(await alerts("falls-silent")).toMatchObject([{ count: 1, severity: "high" }]);
  expect((await sourceById(test.db, id)).silentSince).toEqual(at(10));
  await hear(id, at(600));
  expect((await sourceById(test.db, id)).silentSince).toBeNull();
  await watch(at(661));
  expect(await alerts("falls-silent")).toMatchObject([{ count: 2 }]);
  expect(await records(id, "signal-source.silent")).toBe(2);
});

it("one that never sent anything is missed, too", async () => {
  await make("never-spoke");
  await watch(at(61));
  expect(await alerts("never-spoke")).toHaveLength(1);
});

it("one that declared nothing, or is off, is not missed; switched on it is waited for anew", async () => {
  await make("may-be-silent", null);
  const off = await make("is-off");
  const actor = { db: test.db, actor: admin };
  await switchSignalSource(
    { ...actor, now: at(1) },
    { sourceId: off, version: 1, enabled: false, reason: "Moved" },
  );
  await watch(at(5_000));
  expect([...(await alerts("may-be-silent")), ...(await alerts("is-off"))]).toEqual([]);
  await switchSignalSource(
    { ...actor, now: at(5_000) },
    { sourceId: off, version: 2, enabled: true, reason: "Back" },
  );
  await watch(at(5_059));
  expect(await alerts("is-off")).toEqual([]);
  await watch(at(5_061));
  expect(await alerts("is-off")).toHaveLength(1);
});

it("a worker that lost its lease tells nothing", async () => {
  await make("lost-lease");
  await expect(watch(at(9_000), "worker-2")).rejects.toMatchObject({ code: "lease_lost" });
  expect(await alerts("lost-lease")).toEqual([]);
  await watch(at(9_000));
  expect(await alerts("lost-lease")).toHaveLength(1);
});
