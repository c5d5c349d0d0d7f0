import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { OperatorSession } from "../../access/read-session.ts";
import type { Env } from "../../env.ts";
import {
  makeAgent,
  makeOperator,
  makeSheet,
  minutesLater,
  NOW,
  type Operator,
} from "../../incidents/testing/cast.ts";
import { createCaller } from "../root.ts";

let test_: TestDatabase;
beforeAll(async () => {
  test_ = await createTestDatabase();
});
afterAll(() => test_.close());

/** The console's procedures as this person calls them, a moment after a step-up or long after one. */
function consoleOf(actor: Operator, steppedUp: boolean) {
  const session = {
    id: actor.sessionId,
    steppedUpAt: steppedUp ? minutesLater(-1) : minutesLater(-60),
    stepUpMethod: "totp",
  } as unknown as OperatorSession;
  return createCaller({ db: test_.db, env: {} as Env, now: NOW, actor, session });
}

test("an incident's whole course passes the doors: contained, determined, received, released", async () => {
  const analyst = await makeOperator(test_.db, "analyst");
  const compliance = await makeOperator(test_.db, "compliance");
  const approver = await makeOperator(test_.db, "approver");
  const agent = await makeAgent(test_.db);

  const made = await consoleOf(analyst, false).containment.contain({ agentId: agent.id, reason: "odd" });
  const { incidents: listed } = await consoleOf(compliance, false).incidents.list({ agent: agent.name });
  expect(listed).toEqual([expect.objectContaining({ id: made.incidentId, outcome: null, clock: null })]);
  const number = Number(listed[0]?.number);

  const decision = {
    incidentId: String(made.incidentId),
    outcome: "notifiable" as const,
    worksheet: makeSheet(true),
    reason: "the payments stopped",
    expectedVersion: 1,
  };
  await expect(consoleOf(compliance, false).incidents.determine(decision)).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
  const { clock } = await consoleOf(compliance, true).incidents.determine(decision);
  const running = await consoleOf(analyst, false).clocks.running();
  expect(running).toMatchObject({
    now: NOW,
    clocks: [{ id: clock?.clockId, incidentNumber: number, status: "running" }],
  });

  const receipt = {
    clockId: String(clock?.clockId),
    receivedAt: NOW.toISOString(),
    reference: "r",
    evidence: "e",
  };
  expect(await consoleOf(compliance, false).incidents.recordReceipt(receipt)).toEqual({ late: false });

  const { containmentId } = made;
  await consoleOf(analyst, false).containment.requestRelease({ containmentId, reason: "understood" });
  await expect(consoleOf(approver, false).containment.release({ containmentId })).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
  await consoleOf(approver, true).containment.release({ containmentId });

  const view = await consoleOf(analyst, false).incidents.get({ number });
  expect(view.timeline.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining([
      "detected",
      "contained",
      "determined",
      "notified",
      "recovered",
      "tokens:done",
      "critical",
    ]),
  );
  expect(view.containments[0]).toMatchObject({
    status: "released",
    snapshot: { digest: expect.stringMatching(/^sha256:/) },
  });
  const snapshotId = String(view.containments[0]?.snapshot?.id);
  expect(await consoleOf(analyst, false).incidents.snapshot({ snapshotId })).toMatchObject({ intact: true });
  expect((await consoleOf(analyst, false).clocks.running()).clocks).toEqual([]);
});

test("a preview answers for determination alone", async () => {
  const caller = consoleOf(await makeOperator(test_.db, "auditor"), false);
  const asked = { regime: "us-36h", event: "determined", at: "2027-03-13T18:00:00-05:00" };
  expect(await caller.clocks.preview(asked)).toMatchObject({ dueAt: "2027-03-15T11:00:00Z" });
  await expect(caller.clocks.preview({ ...asked, event: "detected" })).rejects.toMatchObject({
    code: "BAD_REQUEST",
  });
  await expect(caller.clocks.preview({ ...asked, at: "2027-03-13 18:00" })).rejects.toMatchObject({
    code: "BAD_REQUEST",
  });
});
