import { eq } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alerts, clocks, incidentFacts } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { Env } from "../env.ts";
import { declareIncident } from "../flows/declare-incident.ts";
import { determineIncident } from "../flows/determine-incident.ts";
import { recordReceipt } from "../flows/record-receipt.ts";
import { hoursLater, makeOperator, makeSheet, NOW, recordsOf } from "../incidents/testing/cast.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { alarmClocks } from "./alarm-clocks.ts";
import { takeLease } from "./lease.ts";

let test_: TestDatabase;
let db: TestDatabase["db"];
beforeAll(async () => {
  test_ = await createTestDatabase();
  db = test_.db;
});
afterAll(() => test_.close());

async function run(now: Date, holder = "w1") {
  const lease = await takeLease(db, "alarm-clocks", holder);
  if (!lease) throw new Error("no lease");
  const log = pino({ level: "silent" });
  const rest = { env: {} as Env, keys: {} as KeyStore, log, processId: holder, publish: () => undefined };
  await alarmClocks.run({ db, now, lease, ...rest });
}

async function startClock() {
  const actor = await makeOperator(db, "compliance");
  const { incidentId } = await declareIncident({ db, actor, now: NOW }, { title: "t", severity: "high" });
  const { clock } = await determineIncident(
    { db, actor, now: NOW },
    {
      incidentId,
      outcome: "notifiable",
      worksheet: makeSheet(true),
      reason: "r",
      expectedVersion: 1,
      stepUp: "totp",
    },
  );
  return { actor, incidentId, clockId: String(clock?.clockId) };
}
const alarmsOf = async (incidentId: string) =>
  (await db.select().from(incidentFacts).where(eq(incidentFacts.incidentId, incidentId)))
    .filter(({ kind }) => kind === "alarm")
    .map(({ detail }) => (detail as { hoursLeft: number }).hoursLeft)
    .sort((a, b) => b - a);

test("alarms come at 24, 12, 4 and 1 hours left and when overdue, each once, whoever runs the duty", async () => {
  const { incidentId } = await startClock();
  await run(hoursLater(11.99));
  expect(await alarmsOf(incidentId)).toEqual([]);
  const expected: [number, number[]][] = [
    [12, [24]],
    [24, [24, 12]],
    [32, [24, 12, 4]],
    [35, [24, 12, 4, 1]],
    [36, [24, 12, 4, 1]],
    [36.001, [24, 12, 4, 1, 0]],
    [500, [24, 12, 4, 1, 0]],
  ];
  for (const [hours, alarms] of expected) {
    for (let again = 0; again < 3; again += 1) await run(hoursLater(hours));
    expect(await alarmsOf(incidentId)).toEqual(alarms);
  }
  const raised = await db.select().from(alerts).where(eq(alerts.incidentId, incidentId));
  expect(raised.map(({ rule, severity, count }) => [rule.split(":")[0], severity, count]).sort()).toEqual([
    ["clock-12h", "high", 1],
    ["clock-1h", "critical", 1],
    ["clock-24h", "high", 1],
    ["clock-4h", "critical", 1],
    ["clock-overdue", "critical", 1],
  ]);
  expect(
    (await recordsOf(db, "clock.alarmed")).filter(({ details }) => details?.incidentId === incidentId),
  ).toHaveLength(5);
});

test("a worker that was away raises what it missed, and an alert that somebody closed does not come back", async () => {
  const { incidentId } = await startClock();
  await run(hoursLater(33));
  expect(await alarmsOf(incidentId)).toEqual([24, 12, 4]);
  await db.update(alerts).set({ status: "closed" }).where(eq(alerts.incidentId, incidentId));
  await run(hoursLater(33.5));
  expect(await db.select().from(alerts).where(eq(alerts.incidentId, incidentId))).toHaveLength(3);
});

test("receipt stops the alarms, and what is overdue runs on until receipt", async () => {
  const { actor, incidentId, clockId } = await startClock();
  await run(hoursLater(40));
  expect((await db.select().from(clocks).where(eq(clocks.id, clockId)))[0]?.status).toBe("running");
  const stopped = await startClock();
  await recordReceipt(
    { db, actor, now: hoursLater(2) },
    { clockId: stopped.clockId, receivedAt: hoursLater(1).toISOString(), reference: "r", evidence: "e" },
  );
  await run(hoursLater(40));
  expect(await alarmsOf(stopped.incidentId)).toEqual([]);
  expect(await alarmsOf(incidentId)).toHaveLength(5);
});

test("a worker that has lost the lease raises nothing", async () => {
  const { incidentId } = await startClock();
  const lost = { name: "alarm-clocks", holder: "gone", epoch: 0 };
  const rest = {
    env: {} as Env,
    keys: {} as KeyStore,
    log: pino({ level: "silent" }),
    processId: "gone",
    publish: () => undefined,
  };
  await expect(alarmClocks.run({ db, now: hoursLater(30), lease: lost, ...rest })).rejects.toMatchObject({
    code: "lease_lost",
  });
  expect(await alarmsOf(incidentId)).toEqual([]);
});
