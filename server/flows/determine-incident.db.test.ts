import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clocks, determinations, incidentFacts, installation } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { readIncident } from "../incidents/read-incident.ts";
import type { Outcome } from "../incidents/schema.ts";
import {
  hoursLater,
  makeOperator,
  makeSheet,
  NOW,
  type Operator,
  recordsOf,
} from "../incidents/testing/cast.ts";
import { declareIncident } from "./declare-incident.ts";
import { determineIncident } from "./determine-incident.ts";
import { recordReceipt } from "./record-receipt.ts";

let test_: TestDatabase;
let db: TestDatabase["db"];
let compliance: Operator;
beforeAll(async () => {
  test_ = await createTestDatabase();
  db = test_.db;
  compliance = await makeOperator(db, "compliance");
});
afterAll(() => test_.close());

const as = (actor: Parameters<typeof determineIncident>[0]["actor"], now = NOW) => ({ db, actor, now });
const declare = () => declareIncident(as(compliance), { title: "ledger differs", severity: "high" });

async function determine(
  incidentId: string,
  outcome: Outcome,
  change: Partial<Parameters<typeof determineIncident>[1]> & { actor?: Operator; now?: Date } = {},
) {
  const { actor = compliance, now = NOW, ...rest } = change;
  return determineIncident(as(actor, now), {
    incidentId,
    outcome,
    worksheet: makeSheet(outcome === "notifiable"),
    reason: "as discussed in the call",
    expectedVersion: 1,
    stepUp: "totp",
    ...rest,
  });
}
const clockOf = async (incidentId: string) =>
  db.select().from(clocks).where(eq(clocks.incidentId, incidentId));
const receipt = (clockId: string, receivedAt: Date) => ({
  clockId,
  receivedAt: receivedAt.toISOString(),
  reference: "call with J. Doe, ticket 4711",
  evidence: "Received, thank you.",
});

describe("a determination", () => {
  test("that it is notifiable starts 36 hours at the primary regulator, from the instant of the decision", async () => {
    const { incidentId, number } = await declare();
    expect(await clockOf(incidentId)).toEqual([]);
    const made = await determine(incidentId, "notifiable");
    const [clock] = await clockOf(incidentId);
    expect(clock).toMatchObject({
      regime: "us-36h",
      recipient: "board",
      basis: "12 CFR 225.302",
      anchorEvent: "determined",
      anchorAt: NOW,
      anchoredBy: compliance.id,
      dueAt: hoursLater(36),
      status: "running",
    });
    expect(made.clock).toMatchObject({ clockId: clock?.id, isNew: true });
    const [record] = await recordsOf(db, "incident.determined");
    expect(record).toMatchObject({
      actor: { id: compliance.id },
      details: {
        outcome: "notifiable",
        digest: made.digest,
        stepUp: "totp",
        number,
        dueAt: hoursLater(36).toISOString(),
      },
    });
    const view = await readIncident(as(compliance), { number });
    expect(view.clocks[0]?.contact).toMatchObject({
      source: "SR 22-4",
      channels: [{ value: "incident@frb.gov" }, { value: "(866) 364-0096" }],
    });
    expect(view.determinations).toEqual([
      expect.objectContaining({ intact: true, digest: made.digest, superseded: false }),
    ]);
    expect(view).toMatchObject({
      outcome: "notifiable",
      clock: { status: "running", dueAt: hoursLater(36) },
    });
  });

  test("goes to the regulator that the installation names", async () => {
    await db.insert(installation).values({ kind: "live", regulator: "occ", createdAt: NOW });
    const { incidentId } = await declare();
    await determine(incidentId, "notifiable");
    expect((await clockOf(incidentId))[0]).toMatchObject({ recipient: "occ", basis: "12 CFR 53.3" });
    await test_.asSuper((client) => client.query("delete from installation"));
  });

  test("made earlier than it is recorded shortens the time; one in the future is refused", async () => {
    const { incidentId } = await declare();
    await expect(
      determine(incidentId, "notifiable", { madeAt: hoursLater(1).toISOString() }),
    ).rejects.toMatchObject({ code: "in_the_future" });
    await determine(incidentId, "notifiable", { madeAt: hoursLater(-2).toISOString() });
    expect((await clockOf(incidentId))[0]).toMatchObject({ anchorAt: hoursLater(-2), dueAt: hoursLater(34) });
  });

  test("that it is not notifiable is signed too, starts nothing, and can be superseded", async () => {
    const { incidentId, number } = await declare();
    const first = await determine(incidentId, "not-notifiable");
    expect(first.clock).toBeNull();
    expect(await clockOf(incidentId)).toEqual([]);
    const second = await determine(incidentId, "notifiable", {
      expectedVersion: first.version,
      now: hoursLater(5),
    });
    expect(second.clock?.dueAt).toEqual(hoursLater(41));
    const view = await readIncident(as(compliance), { number });
    expect(view.outcome).toBe("notifiable");
    expect(view.determinations.map(({ superseded, intact }) => [superseded, intact])).toEqual([
      [true, true],
      [false, true],
    ]);
  });

  test("made again does not buy time: the first clock stands", async () => {
    const { incidentId } = await declare();
    const first = await determine(incidentId, "notifiable");
    const second = await determine(incidentId, "notifiable", {
      expectedVersion: first.version,
      now: hoursLater(30),
    });
    expect(second.clock).toMatchObject({
      clockId: first.clock?.clockId,
      isNew: false,
      dueAt: hoursLater(36),
    });
    expect(await clockOf(incidentId)).toHaveLength(1);
  });

  test("that it is not notifiable after all leaves the clock running unless it says otherwise", async () => {
    const { incidentId } = await declare();
    const first = await determine(incidentId, "notifiable");
    const second = await determine(incidentId, "not-notifiable", { expectedVersion: first.version });
    expect((await clockOf(incidentId))[0]?.status).toBe("running");
    const third = await determine(incidentId, "not-notifiable", {
      expectedVersion: second.version,
      supersedeClocks: true,
    });
    expect(third.superseded).toBe(1);
    expect((await clockOf(incidentId))[0]?.status).toBe("superseded");
  });

  test("of two at once one counts, and the other is told to look again", async () => {
    const { incidentId } = await declare();
    const results = await Promise.allSettled([
      determine(incidentId, "notifiable"),
      determine(incidentId, "not-notifiable"),
    ]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "incident_changed" },
    });
    expect(
      await db.select().from(determinations).where(eq(determinations.incidentId, incidentId)),
    ).toHaveLength(1);
  });

  test("against the worksheet's own answers is refused, and nothing is written", async () => {
    const { incidentId } = await declare();
    await expect(
      determine(incidentId, "not-notifiable", { worksheet: makeSheet(true) }),
    ).rejects.toMatchObject({ code: "worksheet_contradicts" });
    expect(await db.select().from(determinations).where(eq(determinations.incidentId, incidentId))).toEqual(
      [],
    );
    const made = await determine(incidentId, "notifiable", { worksheet: makeSheet(false) });
    expect(made.clock?.isNew).toBe(true);
  });

  test("is a compliance officer's alone: no other role, no duty, no API key, nobody without a second factor", async () => {
    const { incidentId } = await declare();
    for (const role of ["analyst", "approver", "auditor", "admin"] as const)
      await expect(
        determine(incidentId, "notifiable", { actor: await makeOperator(db, role) }),
      ).rejects.toMatchObject({ code: "not_permitted" });
    const duty = { type: "system", id: "score-windows" } as unknown as Operator;
    await expect(determine(incidentId, "notifiable", { actor: duty })).rejects.toMatchObject({
      code: "person_required",
    });
    const key = { ...compliance, sessionId: null, apiKeyId: "k" };
    await expect(determine(incidentId, "notifiable", { actor: key })).rejects.toMatchObject({
      code: "person_required",
    });
    await expect(determine(incidentId, "notifiable", { stepUp: "" })).rejects.toThrow();
    expect(await clockOf(incidentId)).toEqual([]);
  });

  test("cannot be changed by the application, and a superuser's change shows", async () => {
    const { incidentId, number } = await declare();
    await determine(incidentId, "not-notifiable");
    await expect(db.update(determinations).set({ outcome: "notifiable" })).rejects.toThrow();
    await expect(db.delete(incidentFacts)).rejects.toThrow();
    await test_.asSuper(async (client) => {
      await client.query("alter table determinations disable trigger refuse_change");
      await client.query("update determinations set reason = 'nothing happened' where incident_id = $1", [
        incidentId,
      ]);
      await client.query("alter table determinations enable trigger refuse_change");
    });
    expect((await readIncident(as(compliance), { number })).determinations[0]?.intact).toBe(false);
  });
});

describe("a receipt", () => {
  async function running() {
    const { incidentId, number } = await declare();
    const { clock, version } = await determine(incidentId, "notifiable");
    return { incidentId, number, version, clockId: String(clock?.clockId) };
  }

  test.each([
    ["a second before the end", 36 * 3_600 - 1, false],
    ["at the very end", 36 * 3_600, false],
    ["a second too late, which is recorded as late and not refused", 36 * 3_600 + 1, true],
  ])("%s", async (_, seconds, late) => {
    const { incidentId, number, clockId } = await running();
    const receivedAt = new Date(NOW.getTime() + seconds * 1_000);
    expect(await recordReceipt(as(compliance, hoursLater(50)), receipt(clockId, receivedAt))).toEqual({
      late,
    });
    const view = await readIncident(as(compliance, hoursLater(60)), { number });
    expect(view.clocks[0]).toMatchObject({
      status: late ? "received-late" : "received",
      receivedAt,
      receipt: { late, recordedBy: { email: compliance.email } },
    });
    expect((await recordsOf(db, "clock.received"))[0]).toMatchObject({
      details: { incidentId, late, evidenceDigest: expect.stringMatching(/^sha256:/) },
    });
    expect(view.facts.at(-1)).toMatchObject({ kind: "notified", at: receivedAt });
  });

  test("stops a clock once: whoever comes second is told who was first", async () => {
    const { clockId } = await running();
    await recordReceipt(as(compliance, hoursLater(2)), receipt(clockId, hoursLater(1)));
    const other = await makeOperator(db, "compliance");
    await expect(
      recordReceipt(as(other, hoursLater(2)), receipt(clockId, hoursLater(1))),
    ).rejects.toMatchObject({
      code: "clock_not_running",
      message: expect.stringContaining(compliance.email),
    });
  });

  test("stands: determining again afterwards starts no second clock", async () => {
    const { incidentId, version, clockId } = await running();
    await recordReceipt(as(compliance, hoursLater(2)), receipt(clockId, hoursLater(1)));
    const again = await determine(incidentId, "notifiable", { expectedVersion: version, now: hoursLater(3) });
    expect(again.clock).toMatchObject({ clockId, isNew: false });
  });

  test("in the future, of no clock, or by somebody without the permission is refused", async () => {
    const { clockId } = await running();
    await expect(recordReceipt(as(compliance), receipt(clockId, hoursLater(1)))).rejects.toMatchObject({
      code: "in_the_future",
    });
    await expect(recordReceipt(as(compliance), receipt(crypto.randomUUID(), NOW))).rejects.toMatchObject({
      code: "clock_unknown",
    });
    for (const role of ["analyst", "approver", "auditor", "admin"] as const)
      await expect(
        recordReceipt(as(await makeOperator(db, role)), receipt(clockId, NOW)),
      ).rejects.toMatchObject({ code: "not_permitted" });
  });
});
