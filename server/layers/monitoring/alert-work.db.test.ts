import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agents, alertOccurrences, alertTransitions } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { acknowledgeAlert } from "./acknowledge-alert.ts";
import { closeAlert } from "./close-alert.ts";
import { liftSuppression } from "./lift-suppression.ts";
import { listAlertGroups } from "./list-alert-groups.ts";
import { listSuppressions } from "./list-suppressions.ts";
import { mergeAlert } from "./merge-alert.ts";
import { noteAlert } from "./note-alert.ts";
import { raiseAlert } from "./raise-alert.ts";
import { OCCURRENCE_MINUTES_MAX } from "./raise-store.ts";
import { readAlert } from "./read-alert.ts";
import { readAlertTimes } from "./read-alert-times.ts";
import { reopenAlert } from "./reopen-alert.ts";
import { suppressAlert } from "./suppress-alert.ts";
import { makeAgent, makePerson, type Operator, recordsOf, SYSTEM } from "./testing/agents-and-people.ts";
import { unmergeAlert } from "./unmerge-alert.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const later = (ms: number) => new Date(NOW.getTime() + ms);
let database: TestDatabase;
let analyst: Operator;
let colleague: Operator;
let auditor: Operator;
beforeAll(async () => {
  database = await createTestDatabase();
  analyst = await makePerson(database.db, ["analyst"], NOW);
  colleague = await makePerson(database.db, ["analyst"], NOW);
  auditor = await makePerson(database.db, ["auditor"], NOW);
});
afterAll(() => database.close());

const as = (actor: VerbContext["actor"], now = NOW): VerbContext => ({ db: database.db, actor, now });
type Raising = Partial<Parameters<typeof raiseAlert>[1]>;
const raise = (agentId: string | null, more: Raising = {}) =>
  database.db.transaction((tx) =>
    raiseAlert(tx, {
      ...{ agentId, kind: "rule", rule: "volume", severity: "medium", title: "A title", detail: {} },
      ...{ actor: SYSTEM, now: NOW },
      ...more,
    }),
  );
const read = (id: string, now = NOW) => readAlert(as(auditor, now), { id });
async function raised(
  more: Raising = {},
): Promise<{ id: string; version: number; agentId: string; name: string }> {
  const agent = await makeAgent(database.db, NOW);
  const { alertId } = await raise(agent.id, more);
  return { id: alertId, version: 1, agentId: agent.id, name: agent.name };
}
const kindsOf = async (id: string) => (await read(id)).transitions.map(({ kind }) => kind);

describe("causes and groups", () => {
  test("one agent and rule have an alert for each cause, and the queue shows them as one group", async () => {
    const { agentId, name } = await raised({ rule: "behaviour-score", cause: "behaviour/volume" });
    await raise(agentId, {
      rule: "behaviour-score",
      cause: "behaviour/network",
      severity: "high",
      now: later(1_000),
    });
    await raise(agentId, { rule: "agent-contained", cause: "behaviour/volume", now: later(2_000) });
    await raise(agentId, { rule: "other", now: later(3_000) });
    const { groups, total, groupCount } = await listAlertGroups(as(auditor), { agent: name });
    expect([total, groupCount]).toEqual([4, 2]);
    expect(groups.map(({ lead, members, worst }) => [lead.rule, members, worst])).toEqual([
      ["other", 1, "medium"],
      ["agent-contained", 3, "high"],
    ]);
    expect((await read(groups[1]?.lead.id ?? "")).group).toHaveLength(2);
  });

  test("pages through every group once while new alerts come in", async () => {
    const rule = `rule-${randomUUID()}`;
    for (let i = 0; i < 7; i++) await raised({ rule, now: later(i % 2) });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listAlertGroups(as(auditor), { rule, limit: 2, cursor });
      seen.push(...page.groups.map(({ lead }) => lead.id));
      await raised({ rule, now: later(60_000) });
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect([seen.length, new Set(seen).size]).toEqual([7, 7]);
  });

  test("occurrences are kept by the minute with the highest score, and never more than the bound", async () => {
    const { id, agentId } = await raised({ score: 0.6 });
    await raise(agentId, { score: 0.8, severity: "high", now: later(20_000) });
    await raise(agentId, { score: 0.7, now: later(59_999) });
    await raise(agentId, { score: 0.9, now: later(60_000) });
    expect((await read(id)).occurrences).toMatchObject([
      { minute: later(60_000), count: 1, score: 0.9, severity: "medium" },
      { minute: NOW, count: 3, score: 0.8, severity: "high" },
    ]);
    await database.db.execute(sql`insert into alert_occurrences (alert_id, minute, severity)
      select ${id}, ${NOW}::timestamptz - make_interval(mins => n), 'low' from generate_series(1, 700) n`);
    await raise(agentId, { now: later(120_000) });
    expect(await database.db.$count(alertOccurrences, eq(alertOccurrences.alertId, id))).toBe(
      OCCURRENCE_MINUTES_MAX,
    );
    expect((await read(id)).occurrences[0]?.minute).toEqual(later(120_000));
  });
});

describe("suppressing", () => {
  const until = later(2 * HOUR_MS);
  const reason = "A load test that was announced";

  test("counts on a tally while it holds, to the last millisecond, and opens anew at its end", async () => {
    const { id, version, agentId, name } = await raised();
    await suppressAlert(as(analyst), { id, version, until, reason });
    for (const ms of [1, 1_000, 2 * HOUR_MS - 1])
      expect(await raise(agentId, { now: later(ms) })).toEqual({ alertId: id, isNew: false });
    const { suppressed } = await listAlertGroups(as(auditor, later(1_000)), { agent: name });
    expect(suppressed).toBeGreaterThanOrEqual(3);
    expect(await read(id)).toMatchObject({ status: "closed", count: 1, suppression: { count: 3, until } });
    const anew = await raise(agentId, { now: until });
    expect(anew.isNew).toBe(true);
    expect(anew.alertId).not.toBe(id);
  });

  test("another rule, another agent and another cause are raised as before", async () => {
    const { id, version, agentId } = await raised({ cause: "volume/reports" });
    await suppressAlert(as(analyst), { id, version, until, reason, scope: "cause" });
    expect((await raise(agentId, { cause: "volume/reports", now: later(1) })).isNew).toBe(false);
    expect((await raise(agentId, { cause: "volume/payments", now: later(1) })).isNew).toBe(true);
    expect((await raise(agentId, { rule: "other", now: later(1) })).isNew).toBe(true);
    expect((await raised()).id).not.toBe(id);
  });

  test("what is critical is raised through a suppression of its rule", async () => {
    const { id, version, agentId } = await raised();
    await suppressAlert(as(analyst), { id, version, until, reason });
    expect((await raise(agentId, { severity: "critical", now: later(1) })).isNew).toBe(true);
    expect((await raise(agentId, { kind: "isolation", now: later(2) })).alertId).not.toBe(id);
  });

  test.each([
    ["critical", { severity: "critical" as const }, /Critical alerts are never suppressed/],
    ["of a containment", { kind: "isolation" as const }, /containment are never suppressed/],
    ["of a clock", { kind: "incident" as const }, /clock are never suppressed/],
  ])("an alert that is %s is never suppressed, and the refusal says so", async (_, more, words) => {
    const { id, version } = await raised(more);
    await expect(suppressAlert(as(analyst), { id, version, until, reason })).rejects.toMatchObject({
      code: "never_suppressed",
      message: expect.stringMatching(words),
    });
    expect(await read(id)).toMatchObject({ status: "open", version: 1 });
  });

  test("ends in the future and within thirty days", async () => {
    const { id, version } = await raised();
    for (const wrong of [NOW, later(-1), later(30 * DAY_MS + 1)])
      await expect(suppressAlert(as(analyst), { id, version, until: wrong, reason })).rejects.toMatchObject({
        code: "suppression_end_invalid",
      });
    await suppressAlert(as(analyst), { id, version, until: later(30 * DAY_MS), reason });
  });

  test("lifted early it raises again; the second to lift is told who was first", async () => {
    const { id, version, agentId } = await raised();
    await suppressAlert(as(analyst), { id, version, until, reason });
    await raise(agentId, { now: later(1) });
    const held = (await listSuppressions(as(auditor))).find((one) => one.agent.id === agentId);
    const lift = (who: Operator) =>
      liftSuppression(as(who, later(10)), { id: held?.id ?? "", reason: "The test is over" });
    expect(await lift(colleague)).toEqual({ count: 1 });
    await expect(lift(analyst)).rejects.toMatchObject({
      code: "suppression_over",
      message: expect.stringContaining(`${colleague.email} lifted it`),
    });
    expect((await raise(agentId, { now: later(11) })).isNew).toBe(true);
    expect(await kindsOf(id)).toEqual(["raised", "suppressed", "suppression-lifted"]);
  });

  test("one of the same that holds is not doubled", async () => {
    const { id, version, agentId } = await raised({ cause: "a/1" });
    const { alertId } = await raise(agentId, { cause: "a/2" });
    await suppressAlert(as(analyst), { id, version, until, reason });
    await expect(
      suppressAlert(as(colleague), { id: alertId, version: 1, until, reason, scope: "cause" }),
    ).rejects.toMatchObject({ code: "suppressed_already", message: expect.stringContaining(analyst.email) });
  });
});

describe("merging", () => {
  const reason = "One attack on both";

  test("what was merged points to the other, and its like counts there, whichever agent it is about", async () => {
    const [one, other] = [await raised(), await raised()];
    const merged = await mergeAlert(as(analyst), { ...one, intoId: other.id, reason });
    expect(merged).toMatchObject({ status: "closed", disposition: null, mergedInto: { id: other.id } });
    const again = await raise(one.agentId, { severity: "high", now: later(1_000) });
    expect(again).toEqual({ alertId: other.id, isNew: false });
    expect(await read(other.id)).toMatchObject({ count: 2, severity: "high", merged: [{ id: one.id }] });
  });

  test("circles are refused: into itself, into what is part of it, and by two at once", async () => {
    const [a, b] = [await raised(), await raised()];
    await expect(mergeAlert(as(analyst), { ...a, intoId: a.id, reason })).rejects.toMatchObject({
      code: "merged_into_itself",
    });
    await mergeAlert(as(analyst), { ...b, intoId: a.id, reason });
    await expect(mergeAlert(as(analyst), { ...a, intoId: b.id, reason })).rejects.toMatchObject({
      code: "merged_in_a_circle",
    });
    const [c, d] = [await raised(), await raised()];
    const both = await Promise.allSettled([
      mergeAlert(as(analyst), { ...c, intoId: d.id, reason }),
      mergeAlert(as(colleague), { ...d, intoId: c.id, reason }),
    ]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("there is never a chain: parts follow what they were part of", async () => {
    const [a, b, c] = [await raised(), await raised(), await raised()];
    await mergeAlert(as(analyst), { ...a, intoId: b.id, reason });
    await mergeAlert(as(analyst), { ...b, intoId: c.id, reason });
    expect((await read(a.id)).mergedInto?.id).toBe(c.id);
    expect((await read(c.id)).merged).toHaveLength(2);
  });

  test("taken apart it is in the state it was in, unless it was raised again", async () => {
    const [a, b] = [await raised(), await raised()];
    await acknowledgeAlert(as(analyst), a);
    await mergeAlert(as(analyst), { id: a.id, version: 2, intoId: b.id, reason });
    const apart = await unmergeAlert(as(analyst), { id: a.id, version: 3, reason: "Two things after all" });
    expect(apart).toMatchObject({ status: "acknowledged", mergedInto: null, closedAt: null });
    await mergeAlert(as(analyst), { id: a.id, version: 4, intoId: b.id, reason });
    await closeAlert(as(analyst), { ...b, disposition: "benign", reason: "As planned" });
    await raise(a.agentId, { now: later(5) });
    await expect(
      unmergeAlert(as(analyst), { id: a.id, version: 5, reason: "Two things after all" }),
    ).rejects.toMatchObject({ code: "raised_again" });
  });
});

describe("verdicts, reopening and notes", () => {
  test("a false positive with an end no longer counts once it is over, to the millisecond", async () => {
    const rule = `rule-${randomUUID()}`;
    const { id, version, agentId } = await raised({ rule });
    const verdictUntil = later(HOUR_MS);
    await closeAlert(as(analyst), {
      id,
      version,
      disposition: "false-positive",
      reason: "A test run",
      verdictUntil,
    });
    const { alertId } = await raise(agentId, { rule, now: later(1_000) });
    const at = async (now: Date) => {
      const { earlier, ruleRecord } = await read(alertId, now);
      return [earlier[0]?.counts, ruleRecord.falsePositiveRate];
    };
    expect(await at(later(HOUR_MS - 1))).toEqual([true, 1]);
    expect(await at(verdictUntil)).toEqual([false, null]);
  });

  test("an end is for false positives alone, and lies ahead", async () => {
    const { id, version } = await raised();
    const close = (disposition: "benign" | "false-positive", verdictUntil: Date) =>
      closeAlert(as(analyst), { id, version, disposition, reason: "As planned", verdictUntil });
    const wrong = { code: "verdict_end_invalid" };
    await expect(close("benign", later(1))).rejects.toMatchObject(wrong);
    await expect(close("false-positive", NOW)).rejects.toMatchObject(wrong);
  });

  test("of twenty who close at once one wins, and nineteen are told who and how", async () => {
    const { id, version, agentId } = await raised();
    const people = await Promise.all(
      Array.from({ length: 20 }, () => makePerson(database.db, ["analyst"], NOW)),
    );
    const results = await Promise.allSettled(
      people.map((person) =>
        closeAlert(as(person), { id, version, disposition: "benign", reason: "As planned" }),
      ),
    );
    const winner = people[results.findIndex(({ status }) => status === "fulfilled")];
    const lost = results.filter((result) => result.status === "rejected");
    expect(lost).toHaveLength(19);
    for (const { reason } of lost)
      expect(reason).toMatchObject({ status: 409, facts: { by: winner?.email, did: "closed it as benign" } });
    expect(
      (await recordsOf(database.db, agentId)).filter(({ kind }) => kind === "alert.closed"),
    ).toHaveLength(1);
  });

  test("reopened, the verdict is gone; it stays closed where it was raised again", async () => {
    const { id, version, agentId } = await raised();
    const why = { reason: "It was none" };
    await closeAlert(as(analyst), { id, version, disposition: "benign", ...why });
    const open = await reopenAlert(as(colleague), { id, version: 2, ...why });
    expect(open).toMatchObject({ status: "open", disposition: null, closedAt: null });
    await closeAlert(as(analyst), { id, version: 3, disposition: "benign", ...why });
    await raise(agentId, { now: later(1) });
    await expect(reopenAlert(as(analyst), { id, version: 4, ...why })).rejects.toMatchObject({
      code: "raised_again",
    });
  });

  test("a note makes nobody's view stale, and is on record", async () => {
    const { id, version, agentId } = await raised();
    await noteAlert(as(colleague), { id, text: "Called the owner" });
    await acknowledgeAlert(as(analyst), { id, version });
    expect(await kindsOf(id)).toEqual(["raised", "noted", "acknowledged"]);
    expect((await recordsOf(database.db, agentId)).map(({ kind }) => kind)).toContain("alert.noted");
  });

  test("every transition is stored for good: no role changes one, and times come from them", async () => {
    const quiet = await createTestDatabase();
    try {
      const ctx = (now: Date): VerbContext => ({ db: quiet.db, actor: analyst, now });
      const person = await makePerson(quiet.db, ["analyst"], NOW);
      const agent = await makeAgent(quiet.db, NOW);
      const { alertId: id } = await quiet.db.transaction((tx) =>
        raiseAlert(tx, {
          ...{ agentId: agent.id, kind: "rule", rule: "r", severity: "low", title: "t", detail: {} },
          ...{ actor: SYSTEM, now: NOW },
        }),
      );
      await acknowledgeAlert({ ...ctx(later(90_000)), actor: person }, { id, version: 1 });
      await closeAlert(ctx(later(600_000)), { id, version: 2, disposition: "benign", reason: "As planned" });
      expect(await readAlertTimes(ctx(later(DAY_MS)), { days: 30 })).toEqual({
        days: 30,
        acknowledged: { count: 1, meanSeconds: 90 },
        resolved: { count: 1, meanSeconds: 600 },
      });
      await expect(
        quiet.db.update(alertTransitions).set({ actor: "nobody" }).where(eq(alertTransitions.alertId, id)),
      ).rejects.toThrow();
      await expect(quiet.asSuper((client) => client.query("delete from alert_transitions"))).rejects.toThrow(
        /evidence/,
      );
    } finally {
      await quiet.close();
    }
  });
});

describe("each verb refuses whoever lacks the permission", () => {
  const reason = "Because I may not";
  test.each([
    ["suppress", (id: string) => suppressAlert(as(auditor), { id, version: 1, until: later(1_000), reason })],
    ["merge", (id: string) => mergeAlert(as(auditor), { id, version: 1, intoId: randomUUID(), reason })],
    ["unmerge", (id: string) => unmergeAlert(as(auditor), { id, version: 1, reason })],
    ["reopen", (id: string) => reopenAlert(as(auditor), { id, version: 1, reason })],
    ["note", (id: string) => noteAlert(as(auditor), { id, text: reason })],
    ["lift", (id: string) => liftSuppression(as(auditor), { id, reason })],
  ])("%s refuses whoever lacks the permission", async (_, act) => {
    const { id } = await raised();
    await expect(act(id)).rejects.toMatchObject({ code: "not_permitted" });
    expect(await read(id)).toMatchObject({ version: 1, status: "open" });
  });

  test("an agent without a response state still has its alert's page", async () => {
    const { id, agentId } = await raised();
    await database.db.update(agents).set({ status: "quarantined" }).where(eq(agents.id, agentId));
    expect((await read(id)).agentState).toEqual({ status: "quarantined", level: null, score: null });
  });
});
