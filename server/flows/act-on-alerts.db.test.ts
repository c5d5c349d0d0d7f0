import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alertActItems, alerts, alertTransitions, incidents } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { acknowledgeAlert } from "../layers/monitoring/acknowledge-alert.ts";
import { assignAlert } from "../layers/monitoring/assign-alert.ts";
import { closeAlert } from "../layers/monitoring/close-alert.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";
import { readAlert } from "../layers/monitoring/read-alert.ts";
import {
  makeAgent,
  makePerson,
  type Operator,
  SYSTEM,
} from "../layers/monitoring/testing/agents-and-people.ts";
import { actOnAlerts } from "./act-on-alerts.ts";
import { declareIncident } from "./declare-incident.ts";
import { escalateAlert } from "./escalate-alert.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const SHOWN = new Date(NOW.getTime() + 10_000);
const LATER = new Date(NOW.getTime() + 20_000);
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

const as = (actor: VerbContext["actor"], now = LATER): VerbContext => ({ db: database.db, actor, now });
type Seen = { id: string; version: number };
async function raisedMany(
  count: number,
  more: Partial<Parameters<typeof raiseAlert>[1]> = {},
): Promise<{ rule: string; seen: Seen[] }> {
  const rule = `rule-${randomUUID()}`;
  const seen: Seen[] = [];
  for (let i = 0; i < count; i++) {
    const agent = await makeAgent(database.db, NOW);
    const { alertId } = await database.db.transaction((tx) =>
      raiseAlert(tx, {
        ...{ agentId: agent.id, kind: "rule", rule, severity: "medium", title: "A title", detail: {} },
        ...{ actor: SYSTEM, now: NOW },
        ...more,
      }),
    );
    seen.push({ id: alertId, version: 1 });
  }
  return { rule, seen };
}
const close = {
  action: "close" as const,
  params: { disposition: "benign", reason: "A release that was announced" },
};
const matching = (rule: string, count: number) => ({
  filter: { query: `rule:"${rule}" and not status:closed` },
  asOf: SHOWN,
  count,
});

describe("an act on everything that matches", () => {
  test("is done in bounded steps that go on when it is sent again, each alert once", async () => {
    const { rule } = await raisedMany(260);
    const act = { actId: randomUUID(), ...close, selection: matching(rule, 260) };
    expect(await actOnAlerts(as(analyst), act)).toMatchObject({ total: 260, done: 250, waiting: 10 });
    expect(await actOnAlerts(as(analyst), act)).toMatchObject({ done: 260, waiting: 0, exceptions: [] });
    expect(await actOnAlerts(as(analyst), act)).toMatchObject({ done: 260, changed: 0, refused: 0 });
    const closings = sql`${alertTransitions.kind} = 'closed' and ${alertTransitions.alertId} in (select id from alerts where rule = ${rule})`;
    expect(await database.db.$count(alertTransitions, closings)).toBe(260);
  });

  test("sent twice at once it does each alert once", async () => {
    const { rule } = await raisedMany(60);
    const act = { actId: randomUUID(), ...close, selection: matching(rule, 60) };
    await Promise.all([actOnAlerts(as(analyst), act), actOnAlerts(as(analyst), act)]);
    expect(await actOnAlerts(as(analyst), act)).toMatchObject({ total: 60, done: 60, changed: 0 });
  });

  test("over a set that moves it tells for each alert who was first, leaves new ones alone and counts who left", async () => {
    const { rule, seen } = await raisedMany(6);
    const [taken, done] = seen as [Seen, Seen];
    await assignAlert(as(colleague), { ...taken, ownerId: colleague.id });
    await closeAlert(as(colleague), { ...done, disposition: "benign", reason: "Handled already" });
    const late = await makeAgent(database.db, NOW);
    const { alertId } = await database.db.transaction((tx) =>
      raiseAlert(tx, {
        ...{ agentId: late.id, kind: "rule", rule, severity: "low", title: "After", detail: {} },
        ...{ actor: SYSTEM, now: new Date(SHOWN.getTime() + 1) },
      }),
    );
    const view = await actOnAlerts(as(analyst), {
      actId: randomUUID(),
      ...close,
      selection: matching(rule, 6),
    });
    expect(view).toMatchObject({ total: 5, done: 4, changed: 1, missing: 1, waiting: 0 });
    expect(view.exceptions).toMatchObject([
      { outcome: "changed", by: colleague.email, detail: `assigned it to ${colleague.email}` },
    ]);
    expect(await readAlert(as(auditor), { id: alertId })).toMatchObject({ status: "open", version: 1 });
    expect(await readAlert(as(auditor), { id: taken.id })).toMatchObject({ status: "open" });
  });

  test("what the person did themselves in between does not stop them", async () => {
    const { rule, seen } = await raisedMany(2);
    await acknowledgeAlert(as(analyst), seen[0] as Seen);
    const view = await actOnAlerts(as(analyst), {
      actId: randomUUID(),
      ...close,
      selection: matching(rule, 2),
    });
    expect(view).toMatchObject({ done: 2, changed: 0 });
  });

  test("never touches more than was shown: where more match, nothing happens", async () => {
    const { rule, seen } = await raisedMany(3);
    await expect(
      actOnAlerts(as(analyst), { actId: randomUUID(), ...close, selection: matching(rule, 2) }),
    ).rejects.toMatchObject({ code: "selection_grew", status: 409 });
    for (const { id } of seen) expect(await readAlert(as(auditor), { id })).toMatchObject({ version: 1 });
  });

  test("a hostile query is refused with its place, and harms nothing", async () => {
    const selection = (query: string) => ({ filter: { query }, asOf: SHOWN, count: 1 });
    const act = (query: string) =>
      actOnAlerts(as(analyst), { actId: randomUUID(), ...close, selection: selection(query) });
    await expect(act("rule:'; drop table alerts; --\")(")).rejects.toMatchObject({ code: "query_invalid" });
    const none = await act(`title:"'; update alerts set status='closed'; --" rule:"\\\\%_"`);
    expect(none).toMatchObject({ total: 0, done: 0 });
  });
});

describe("an act on alerts that were named", () => {
  test("goes by the version that was seen: two at once never both do one alert", async () => {
    const { seen } = await raisedMany(20);
    const acknowledge = (who: Operator, alerts: Seen[]) =>
      actOnAlerts(as(who), { actId: randomUUID(), action: "acknowledge", selection: { alerts } });
    const [mine, theirs] = await Promise.all([
      acknowledge(analyst, seen),
      acknowledge(colleague, [...seen].reverse()),
    ]);
    expect((mine?.done ?? 0) + (theirs?.done ?? 0)).toBe(20);
    expect((mine?.changed ?? 0) + (theirs?.changed ?? 0)).toBe(20);
    const won = { [analyst.email]: mine, [colleague.email]: theirs };
    for (const { by } of [...(mine?.exceptions ?? []), ...(theirs?.exceptions ?? [])])
      expect(Object.keys(won)).toContain(by);
  });

  test("suppresses what may be, and says of the rest that it may not", async () => {
    const { seen } = await raisedMany(2);
    const { seen: grave } = await raisedMany(1, { severity: "critical" });
    const params = { until: new Date(LATER.getTime() + 60_000).toISOString(), reason: "A load test" };
    const selection = { alerts: [...seen, ...grave] };
    const view = await actOnAlerts(as(analyst), {
      actId: randomUUID(),
      action: "suppress",
      params,
      selection,
    });
    expect(view).toMatchObject({ done: 2, refused: 1 });
    expect(view.exceptions[0]?.detail).toMatch(/never suppressed/);
  });

  test("merges all but the one that they are merged into", async () => {
    const { seen } = await raisedMany(4);
    const params = { intoId: seen[0]?.id, reason: "One attack" };
    const view = await actOnAlerts(as(analyst), {
      actId: randomUUID(),
      action: "merge",
      params,
      selection: { alerts: seen },
    });
    expect(view).toMatchObject({ total: 3, done: 3 });
    expect((await readAlert(as(auditor), { id: seen[0]?.id ?? "" })).merged).toHaveLength(3);
  });

  test("escalates all to one new incident, and to none where nothing was left to escalate", async () => {
    const { seen } = await raisedMany(3);
    const act = {
      actId: randomUUID(),
      action: "escalate" as const,
      params: { reason: "Looks like one attack", title: `T ${randomUUID()}` },
      selection: { alerts: seen },
    };
    expect(await actOnAlerts(as(analyst), act)).toMatchObject({ done: 3 });
    const numbers = await Promise.all(
      seen.map(async ({ id }) => (await readAlert(as(auditor), { id })).incident?.number),
    );
    expect(new Set(numbers).size).toBe(1);
    const title = `T ${randomUUID()}`;
    const again = await actOnAlerts(as(analyst), {
      ...act,
      actId: randomUUID(),
      params: { ...act.params, title },
    });
    expect(again).toMatchObject({ done: 0, changed: 3 });
    expect(await database.db.$count(incidents, eq(incidents.title, title))).toBe(0);
  });

  test("an id that stands for another act is refused, as is one of somebody else", async () => {
    const { seen } = await raisedMany(2);
    const act = {
      actId: randomUUID(),
      action: "acknowledge" as const,
      selection: { alerts: seen.slice(0, 1) },
    };
    await actOnAlerts(as(analyst), act);
    for (const other of [
      () => actOnAlerts(as(analyst), { ...act, selection: { alerts: seen } }),
      () => actOnAlerts(as(analyst), { ...act, ...close }),
      () => actOnAlerts(as(colleague), act),
    ])
      await expect(other()).rejects.toMatchObject({ code: "act_of_other" });
    expect(await database.db.$count(alertActItems, eq(alertActItems.actId, act.actId))).toBe(1);
  });

  test("values that the action does not take are refused before anything is written", async () => {
    const { seen } = await raisedMany(1);
    const act = { actId: randomUUID(), action: "close" as const, selection: { alerts: seen } };
    for (const params of [
      {},
      { disposition: "odd", reason: "long enough" },
      { disposition: "benign", reason: "  " },
    ])
      await expect(actOnAlerts(as(analyst), { ...act, params })).rejects.toMatchObject({
        code: "params_invalid",
      });
  });

  test("refuses whoever lacks the permission", async () => {
    const { seen } = await raisedMany(1);
    const act = { actId: randomUUID(), action: "acknowledge" as const, selection: { alerts: seen } };
    await expect(actOnAlerts(as(auditor), act)).rejects.toMatchObject({ code: "not_permitted" });
    expect(await readAlert(as(auditor), { id: seen[0]?.id ?? "" })).toMatchObject({ version: 1 });
  });
});

describe("escalating one alert", () => {
  test("declares an incident from it, takes it up and says so in both histories", async () => {
    const { seen } = await raisedMany(1);
    const alert = await escalateAlert(as(analyst), { ...(seen[0] as Seen), reason: "Data left the bank" });
    expect(alert).toMatchObject({ status: "acknowledged", owner: { email: analyst.email } });
    const { transitions } = await readAlert(as(auditor), { id: alert.id });
    expect(transitions.at(-1)?.words).toMatch(/^tied it to incident INC-/);
  });

  test("joins an open incident; a closed one, an unknown one and a second one are refused", async () => {
    const { seen } = await raisedMany(4);
    const [first, second, third] = seen as [Seen, Seen, Seen];
    const { number, incidentId } = await declareIncident(as(analyst), {
      title: "Odd nights",
      severity: "high",
    });
    const reason = "Part of the same";
    const joined = await escalateAlert(as(analyst), { ...first, incidentNumber: number, reason });
    expect(joined.incident?.number).toBe(number);
    await expect(escalateAlert(as(analyst), { id: first.id, version: 2, reason })).rejects.toMatchObject({
      code: "escalated_already",
    });
    await expect(
      escalateAlert(as(analyst), { ...second, incidentNumber: 999_999, reason }),
    ).rejects.toMatchObject({
      code: "incident_unknown",
    });
    await database.db.update(incidents).set({ status: "closed" }).where(eq(incidents.id, incidentId));
    await expect(
      escalateAlert(as(analyst), { ...third, incidentNumber: number, reason }),
    ).rejects.toMatchObject({
      code: "incident_closed",
    });
    expect(await database.db.$count(alerts, eq(alerts.incidentId, incidentId))).toBe(1);
  });

  test("an alert that led to an incident tells who tied it to whoever is second", async () => {
    const { seen } = await raisedMany(1);
    const [alert] = seen as [Seen];
    await declareIncident(as(colleague), { title: "From an alert", severity: "low", alertId: alert.id });
    await expect(acknowledgeAlert(as(analyst), alert)).rejects.toMatchObject({
      code: "alert_changed",
      message: expect.stringMatching(new RegExp(`${colleague.email} tied it to incident INC-`)),
    });
  });

  test("refuses whoever lacks the permission", async () => {
    const { seen } = await raisedMany(1);
    await expect(
      escalateAlert(as(auditor), { ...(seen[0] as Seen), reason: "I may not" }),
    ).rejects.toMatchObject({ code: "not_permitted" });
  });
});
