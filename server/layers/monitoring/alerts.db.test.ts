import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alerts, featureWindows } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { acknowledgeAlert } from "./acknowledge-alert.ts";
import { assignAlert } from "./assign-alert.ts";
import { closeAlert } from "./close-alert.ts";
import { listAlerts } from "./list-alerts.ts";
import { raiseAlert } from "./raise-alert.ts";
import { readAlert } from "./read-alert.ts";
import { makeAgent, makePerson, type Operator, recordsOf, SYSTEM } from "./testing/agents-and-people.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
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
const raise = (agentId: string | null, more: Partial<Parameters<typeof raiseAlert>[1]> = {}) =>
  database.db.transaction((tx) =>
    raiseAlert(tx, {
      agentId,
      kind: "rule",
      rule: "single-action-volume",
      severity: "medium",
      title: "A title",
      detail: { bytes: 1 },
      actor: SYSTEM,
      now: NOW,
      ...more,
    }),
  );
async function raised(): Promise<{ id: string; version: number; agentId: string }> {
  const agent = await makeAgent(database.db, NOW);
  const { alertId } = await raise(agent.id, { kind: "behaviour" });
  return { id: alertId, version: 1, agentId: agent.id };
}

describe("raising", () => {
  test("twenty at once are one alert with a count of twenty, the gravest severity and one record", async () => {
    const agent = await makeAgent(database.db, NOW);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        raise(agent.id, {
          severity: i === 7 ? "critical" : "low",
          title: i === 7 ? "Grave" : "Light",
          score: i / 20,
        }),
      ),
    );
    expect(new Set(results.map((r) => r.alertId)).size).toBe(1);
    expect(results.filter((r) => r.isNew)).toHaveLength(1);
    const alert = await readAlert(as(auditor), { id: results[0]?.alertId ?? "" });
    expect(alert).toMatchObject({ count: 20, severity: "critical", title: "Grave", score: 0.95, version: 1 });
    expect((await recordsOf(database.db, agent.id)).map((r) => r.kind)).toEqual(["alert.raised"]);
  });

  test("after it is closed, the next is a new one, which shows how the earlier was judged", async () => {
    const { id, agentId } = await raised();
    await closeAlert(as(analyst), { id, version: 1, disposition: "benign", reason: "month end" });
    const again = await raise(agentId, { kind: "behaviour", now: new Date(NOW.getTime() + 1_000) });
    expect(again.isNew).toBe(true);
    const { earlier } = await readAlert(as(analyst), { id: again.alertId });
    expect(earlier).toMatchObject([{ id, disposition: "benign", closeReason: "month end" }]);
  });

  test("alerts about no agent are one too, even when they come at once", async () => {
    const rule = `rule-${randomUUID()}`;
    const results = await Promise.all(Array.from({ length: 5 }, () => raise(null, { kind: "audit", rule })));
    expect(new Set(results.map((r) => r.alertId)).size).toBe(1);
  });

  test("a standing alarm counts once in its quiet time", async () => {
    const agent = await makeAgent(database.db, NOW);
    const count = async (secondsLater: number) => {
      const now = new Date(NOW.getTime() + secondsLater * 1_000);
      const { alertId, isNew } = await raise(agent.id, { quietMs: 60_000, now });
      return [isNew, (await readAlert(as(analyst), { id: alertId })).count];
    };
    expect(await count(0)).toEqual([true, 1]);
    expect(await count(59)).toEqual([false, 1]);
    expect(await count(60)).toEqual([false, 2]);
  });
});

describe("triage", () => {
  test("of two analysts one wins, and the other is told who and when", async () => {
    const { id, version } = await raised();
    const results = await Promise.allSettled(
      [analyst, colleague].map((person) => acknowledgeAlert(as(person), { id, version })),
    );
    const won = results.find((r) => r.status === "fulfilled");
    const lost = results.find((r) => r.status === "rejected");
    const winner = won?.status === "fulfilled" ? won.value.owner?.email : "";
    expect([analyst.email, colleague.email]).toContain(winner);
    expect(lost).toMatchObject({
      reason: { code: "alert_changed", status: 409, facts: { by: winner, status: "acknowledged" } },
    });
    expect(lost?.status === "rejected" && lost.reason.message).toContain(
      `${winner} acknowledged it at 2026-11-23T12:00`,
    );
  });

  test("a stale view changes nothing: not the owner, not the verdict", async () => {
    const { id, version } = await raised();
    await assignAlert(as(analyst), { id, version, ownerId: colleague.id });
    await expect(
      closeAlert(as(analyst), { id, version, disposition: "false-positive", reason: "looked fine" }),
    ).rejects.toMatchObject({ code: "alert_changed" });
    expect(await readAlert(as(analyst), { id })).toMatchObject({
      status: "open",
      owner: { email: colleague.email },
    });
  });

  test("each step leaves its record", async () => {
    const { id, agentId } = await raised();
    await acknowledgeAlert(as(analyst), { id, version: 1 });
    await assignAlert(as(analyst), { id, version: 2, ownerId: colleague.id });
    await closeAlert(as(colleague), { id, version: 3, disposition: "true-positive", reason: "key stolen" });
    expect((await recordsOf(database.db, agentId)).map(({ kind, actor }) => [kind, actor])).toEqual([
      ["alert.raised", "monitoring"],
      ["alert.acknowledged", analyst.email],
      ["alert.assigned", analyst.email],
      ["alert.closed", colleague.email],
    ]);
    expect((await recordsOf(database.db, agentId)).at(-1)?.details).toMatchObject({
      disposition: "true-positive",
      reason: "key stolen",
    });
  });

  test("a closed alert stays closed", async () => {
    const { id } = await raised();
    await closeAlert(as(analyst), { id, version: 1, disposition: "benign", reason: "a test" });
    await expect(acknowledgeAlert(as(colleague), { id, version: 2 })).rejects.toMatchObject({
      code: "alert_changed",
      message: expect.stringContaining(`${analyst.email} closed it`),
    });
  });

  test("the verdict teaches: a true positive is kept out of learning, a false one let back in", async () => {
    const verdict = async (disposition: "true-positive" | "false-positive", before: boolean) => {
      const { id, agentId } = await raised();
      await database.db.insert(featureWindows).values({ agentId, at: NOW, features: {}, excluded: before });
      await closeAlert(as(analyst), { id, version: 1, disposition, reason: "looked into it" });
      const [row] = await database.db
        .select()
        .from(featureWindows)
        .where(eq(featureWindows.agentId, agentId));
      return row?.excluded;
    };
    expect(await verdict("true-positive", false)).toBe(true);
    expect(await verdict("false-positive", true)).toBe(false);
  });

  test("an auditor reads and changes nothing; an alert is not given to who does not triage", async () => {
    const { id, version } = await raised();
    await expect(acknowledgeAlert(as(auditor), { id, version })).rejects.toMatchObject({
      code: "not_permitted",
    });
    await expect(assignAlert(as(auditor), { id, version, ownerId: null })).rejects.toMatchObject({
      code: "not_permitted",
    });
    await expect(
      closeAlert(as(auditor), { id, version, disposition: "benign", reason: "none" }),
    ).rejects.toMatchObject({ code: "not_permitted" });
    await expect(assignAlert(as(analyst), { id, version, ownerId: auditor.id })).rejects.toMatchObject({
      code: "owner_invalid",
    });
    await expect(
      closeAlert(as(analyst), { id, version, disposition: "benign", reason: "  " }),
    ).rejects.toThrow(/Say why/);
    expect((await listAlerts(as(auditor), {})).alerts.length).toBeGreaterThan(0);
    expect(await readAlert(as(auditor), { id })).toMatchObject({ version: 1, status: "open", owner: null });
  });
});

describe("the list", () => {
  test("pages through everything once, in order, while new alerts come in", async () => {
    const rule = `rule-${randomUUID()}`;
    for (let i = 0; i < 7; i++) {
      const agent = await makeAgent(database.db, NOW);
      await raise(agent.id, { rule, now: new Date(NOW.getTime() + (i % 3)) });
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listAlerts(as(analyst), { rule, limit: 2, cursor });
      expect(page.total).toBeGreaterThanOrEqual(7);
      seen.push(...page.alerts.map((alert) => alert.id));
      const late = await makeAgent(database.db, NOW);
      await raise(late.id, { rule, now: new Date(NOW.getTime() + 60_000) });
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });

  test("filters by what is asked, counts it, and takes a wildcard for the character it is", async () => {
    const agent = await makeAgent(database.db, NOW);
    const rule = `rule-${randomUUID()}`;
    await raise(agent.id, { rule, severity: "high", title: "100 % of calls" });
    const found = (filter: Parameters<typeof listAlerts>[1]) => listAlerts(as(analyst), { ...filter, rule });
    expect(await found({ severity: "high,critical", agent: agent.name, owner: "none" })).toMatchObject({
      total: 1,
      counts: { status: { open: 1 }, severity: { high: 1 } },
    });
    expect((await found({ severity: ["low"] })).total).toBe(0);
    expect((await found({ search: "100 %" })).total).toBe(1);
    expect((await found({ search: "1%c" })).total).toBe(0);
    await expect(found({ cursor: "2026'; drop table alerts" })).rejects.toMatchObject({
      code: "cursor_invalid",
    });
    expect(await database.db.$count(alerts)).toBeGreaterThan(0);
  });
});
