import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { incidentTasks } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { declareIncident } from "../flows/declare-incident.ts";
import { determineIncident } from "../flows/determine-incident.ts";
import { addNote } from "./add-note.ts";
import { changeIncident } from "./change-incident.ts";
import { closeIncident } from "./close-incident.ts";
import { PLAYBOOK } from "./engine/playbook.ts";
import { listIncidents } from "./list-incidents.ts";
import { readIncident } from "./read-incident.ts";
import { reopenIncident } from "./reopen-incident.ts";
import { setTask } from "./set-task.ts";
import { stateFact } from "./state-fact.ts";
import {
  hoursLater,
  makeAgent,
  makeOperator,
  makeSheet,
  minutesLater,
  NOW,
  type Operator,
  recordsOf,
} from "./testing/cast.ts";

let test_: TestDatabase;
let db: TestDatabase["db"];
let analyst: Operator;
let other: Operator;
let compliance: Operator;
beforeAll(async () => {
  test_ = await createTestDatabase();
  db = test_.db;
  analyst = await makeOperator(db, "analyst");
  other = await makeOperator(db, "analyst");
  compliance = await makeOperator(db, "compliance");
});
afterAll(() => test_.close());

const as = (actor: Operator, now = NOW): VerbContext => ({ db, actor, now });
const declare = (title = "odd", agentId?: string) =>
  declareIncident(as(analyst), { title, severity: "medium", agentId });
const tasksOf = (incidentId: string) =>
  db
    .select()
    .from(incidentTasks)
    .where(eq(incidentTasks.incidentId, incidentId))
    .orderBy(incidentTasks.position);

test("an incident starts with the whole playbook, in order, and no clock", async () => {
  const { number, incidentId } = await declare();
  const view = await readIncident(as(analyst), { number });
  expect(view.tasks.map(({ title }) => title)).toEqual(PLAYBOOK.flatMap(({ tasks }) => tasks));
  expect([...new Set(view.tasks.map(({ phase }) => phase))]).toEqual(["0-1", "1-4", "4-8", "8-24", "24-36"]);
  expect(view).toMatchObject({
    clocks: [],
    outcome: null,
    tasksDone: 0,
    tasksTotal: view.tasks.length,
    canDetermine: { allowed: false },
  });
  expect((await recordsOf(db, "incident.opened"))[0]).toMatchObject({
    actor: { id: analyst.id },
    details: { incidentId, number },
  });
});

test("facts are corrected by later ones, and the earlier one stays", async () => {
  const { number, incidentId } = await declare();
  const ctx = as(analyst, hoursLater(1));
  const first = await stateFact(ctx, {
    incidentId,
    kind: "occurred",
    at: minutesLater(-30).toISOString(),
    summary: "first sign",
  });
  const second = await stateFact(ctx, {
    incidentId,
    kind: "occurred",
    at: minutesLater(-90).toISOString(),
    summary: "earlier sign",
    supersedes: first.factId,
  });
  await expect(
    stateFact(ctx, {
      incidentId,
      kind: "occurred",
      at: NOW.toISOString(),
      summary: "no",
      supersedes: first.factId,
    }),
  ).rejects.toMatchObject({ code: "fact_superseded" });
  await expect(
    stateFact(ctx, {
      incidentId,
      kind: "recovered",
      at: NOW.toISOString(),
      summary: "no",
      supersedes: second.factId,
    }),
  ).rejects.toMatchObject({ code: "supersedes_other" });
  await expect(
    stateFact(ctx, { incidentId, kind: "assessed", at: hoursLater(2).toISOString(), summary: "no" }),
  ).rejects.toMatchObject({ code: "in_the_future" });
  await expect(
    stateFact(ctx, { incidentId, kind: "assessed", at: "2026-11-23T12:00:00", summary: "local time" }),
  ).rejects.toThrow();
  const view = await readIncident(ctx, { number });
  const occurred = view.timeline.filter(({ kind }) => kind === "occurred");
  expect(occurred.map(({ title, superseded }) => [title, superseded])).toEqual([
    ["earlier sign", false],
    ["first sign", true],
  ]);
});

describe("of two people at once", () => {
  test("who finish a task, the second is told who did", async () => {
    const { incidentId } = await declare();
    const [task] = await tasksOf(incidentId);
    const taskId = String(task?.id);
    await setTask(as(analyst), { taskId, done: true });
    await expect(setTask(as(other), { taskId, done: true })).rejects.toMatchObject({
      code: "task_changed",
      message: expect.stringContaining(analyst.email),
    });
    await setTask(as(other), { taskId, done: false });
    expect((await tasksOf(incidentId))[0]).toMatchObject({ doneAt: null, doneBy: null });
  });

  test("who take a task, the second is told whose it is", async () => {
    const { incidentId } = await declare();
    const taskId = String((await tasksOf(incidentId))[1]?.id);
    await setTask(as(analyst), { taskId, ownerId: analyst.id, expectedOwnerId: null });
    await expect(
      setTask(as(other), { taskId, ownerId: other.id, expectedOwnerId: null }),
    ).rejects.toMatchObject({
      code: "task_changed",
      facts: { owner: analyst.email },
    });
    await expect(setTask(as(other), { taskId, ownerId: "nobody" })).rejects.toMatchObject({
      code: "person_unknown",
    });
    expect((await recordsOf(db, "incident.task-changed"))[0]).toMatchObject({
      details: { ownerId: analyst.id },
    });
  });

  test("who change the severity, one does, and the other looks again", async () => {
    const { incidentId } = await declare();
    const change = (actor: Operator, severity: "critical" | "low") =>
      changeIncident(as(actor), { incidentId, expectedVersion: 1, severity, reason: "new facts" });
    const results = await Promise.allSettled([change(analyst, "critical"), change(other, "low")]);
    expect(results.filter(({ status }) => status === "fulfilled")).toEqual([
      { status: "fulfilled", value: { version: 2 } },
    ]);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "incident_changed" },
    });
    expect((await recordsOf(db, "incident.changed"))[0]).toMatchObject({
      details: { from: { severity: "medium" }, reason: "new facts" },
    });
  });
});

test("closing needs a determination and no running clock; an incident can be opened again", async () => {
  const { incidentId, number } = await declare();
  const close = (expectedVersion: number) =>
    closeIncident(as(analyst), { incidentId, expectedVersion, reason: "done" });
  await expect(close(1)).rejects.toMatchObject({ code: "not_determined" });
  const determine = (
    outcome: "notifiable" | "not-notifiable",
    expectedVersion: number,
    supersedeClocks = false,
  ) =>
    determineIncident(as(compliance), {
      incidentId,
      outcome,
      worksheet: makeSheet(outcome === "notifiable"),
      reason: "r",
      expectedVersion,
      supersedeClocks,
      stepUp: "totp",
    });
  await determine("notifiable", 1);
  await expect(close(2)).rejects.toMatchObject({ code: "clock_running" });
  await determine("not-notifiable", 2, true);
  await expect(close(2)).rejects.toMatchObject({ code: "incident_changed" });
  expect(await close(3)).toEqual({ version: 4 });
  await expect(determine("notifiable", 4)).rejects.toMatchObject({ code: "incident_closed" });
  await reopenIncident(as(analyst), { incidentId, expectedVersion: 4, reason: "it came back" });
  await expect(
    reopenIncident(as(analyst), { incidentId, expectedVersion: 5, reason: "again" }),
  ).rejects.toMatchObject({ code: "incident_open" });
  const view = await readIncident(as(analyst), { number });
  expect(view).toMatchObject({ status: "open", version: 5, closedAt: null });
  expect(view.facts.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["closed", "reopened", "determined"]),
  );
});

test("notes are appended, with their digest in the record, on closed incidents too", async () => {
  const { incidentId } = await declare();
  const { factId } = await addNote(as(analyst), { incidentId, text: "called the vendor" });
  expect((await recordsOf(db, "incident.noted"))[0]).toMatchObject({
    details: { factId, textDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
  });
});

test("lists page by number, without a gap or a repetition, and filter", async () => {
  const agent = await makeAgent(db);
  for (let made = 0; made < 5; made += 1) await declare(`page ${made}`, agent.id);
  const seen: number[] = [];
  let cursor: number | undefined;
  do {
    const page = await listIncidents(as(analyst), { agent: agent.name, limit: 2, cursor });
    seen.push(...page.incidents.map(({ number }) => number));
    expect(page.total).toBe(5);
    expect(page.incidents[0]?.agent?.did).toBe(agent.did);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
  expect(seen).toHaveLength(5);
  expect((await listIncidents(as(analyst), { status: "closed", agent: agent.name })).incidents).toEqual([]);
});

test("rejects actors without the permission: readers read, and write nothing", async () => {
  const { incidentId, number } = await declare();
  const taskId = String((await tasksOf(incidentId))[0]?.id);
  for (const role of ["approver", "auditor", "admin"] as const) {
    const ctx = as(await makeOperator(db, role));
    const versioned = { incidentId, expectedVersion: 1, reason: "r" };
    for (const verb of [
      () => declareIncident(ctx, { title: "t", severity: "low" }),
      () => addNote(ctx, { incidentId, text: "t" }),
      () => stateFact(ctx, { incidentId, kind: "assessed", at: NOW.toISOString(), summary: "s" }),
      () => setTask(ctx, { taskId, done: true }),
      () => changeIncident(ctx, { ...versioned, severity: "low" }),
      () => closeIncident(ctx, versioned),
      () => reopenIncident(ctx, versioned),
    ])
      await expect(verb()).rejects.toMatchObject({ code: "not_permitted" });
    expect((await readIncident(ctx, { number })).number).toBe(number);
  }
  const agent = { type: "agent", id: "a", name: "a", did: "did:bank:agent:a" } as unknown as Operator;
  await expect(readIncident(as(agent), { number })).rejects.toMatchObject({ code: "not_permitted" });
});
