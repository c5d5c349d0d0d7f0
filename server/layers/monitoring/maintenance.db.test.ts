import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditRecords, maintenanceWindows, users } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { ROLES } from "../../access/permissions.ts";
import type { Actor } from "../../kernel/actor.ts";
import { decideMaintenance } from "./decide-maintenance.ts";
import { endMaintenance } from "./end-maintenance.ts";
import type { PlanMaintenanceInput } from "./learning-schema.ts";
import { listMaintenance } from "./list-maintenance.ts";
import { noteMaintenance } from "./note-maintenance.ts";
import { planMaintenance } from "./plan-maintenance.ts";
import { maintenanceOf } from "./temper-store.ts";
import { makeAgent, makePerson, type Operator, SYSTEM } from "./testing/agents-and-people.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const HOUR = 3_600_000;
const later = (ms: number) => new Date(NOW.getTime() + ms);
let test: TestDatabase;
let analyst: Operator;
let approver: Operator;
beforeAll(async () => {
  test = await createTestDatabase();
  analyst = await makePerson(test.db, ["analyst"], NOW);
  approver = await makePerson(test.db, ["approver"], NOW);
});
afterAll(() => test.close());

const ctx = (actor: Actor, now = NOW) => ({ db: test.db, actor, now });
const plan = (agents: string[], as: Partial<PlanMaintenanceInput> = {}, by: Actor = analyst) =>
  planMaintenance(ctx(by), {
    ...{ agents, causes: ["dataMegabytes"], startsAt: later(HOUR), endsAt: later(2 * HOUR) },
    ...{ reason: "The ledger is migrated", ...as },
  });
const decide = (
  asked: { id: string; digest: string },
  more: { by?: Actor; decision?: "approve" | "deny"; now?: Date; stepUp?: string; digest?: string } = {},
) => {
  const { by = approver, decision = "approve", now = NOW, stepUp = "totp" } = more;
  const digest = more.digest ?? asked.digest;
  return decideMaintenance(ctx(by, now), { id: asked.id, digest, decision, reason: "Agreed" }, stepUp);
};
const rowOf = async (id: string) =>
  (await test.db.select().from(maintenanceWindows).where(eq(maintenanceWindows.id, id)))[0];
const refused = (check: string) => ({ code: "decision_refused", facts: { check } });
const stateOf = async (id: string, now: Date) =>
  (await listMaintenance(ctx(analyst, now))).find((one) => one.id === id)?.state;
const kindsOf = async (id: string) =>
  (await test.db.select().from(auditRecords))
    .filter(({ body }) => body.toString("utf8").includes(id))
    .map(({ kind }) => kind)
    .filter((kind) => kind.startsWith("maintenance."))
    .sort();

describe("maintenance", () => {
  it("counts for its agents alone, once a second person approved it, and its start and end are written down once", async () => {
    const [agent, other] = [await makeAgent(test.db, NOW), await makeAgent(test.db, NOW)];
    const asked = await plan([agent.name, agent.id]);
    expect(await maintenanceOf(test.db, agent.id, later(HOUR))).toEqual([]);
    await decide(asked);
    expect(await maintenanceOf(test.db, agent.id, later(HOUR - 1))).toEqual([]);
    expect(await maintenanceOf(test.db, agent.id, later(HOUR))).toMatchObject([
      { id: asked.id, cancelledMs: null },
    ]);
    expect(await maintenanceOf(test.db, other.id, later(HOUR))).toEqual([]);
    const note = (now: Date) => test.db.transaction((tx) => noteMaintenance(tx, now));
    await note(later(HOUR - 1));
    expect((await rowOf(asked.id))?.startNotedAt).toBeNull();
    await Promise.all([note(later(HOUR)), note(later(HOUR))]);
    await Promise.all([note(later(2 * HOUR)), note(later(2 * HOUR)), note(later(3 * HOUR))]);
    expect(await kindsOf(asked.id)).toEqual(
      ["approved", "ended", "planned", "started"].map((kind) => `maintenance.${kind}`),
    );
    const states = [HOUR - 1, HOUR, 2 * HOUR - 1, 2 * HOUR].map((ms) => stateOf(asked.id, later(ms)));
    expect(await Promise.all(states)).toEqual(["planned", "running", "running", "ended"]);
  });

  it("plans overlap, and each counts by itself", async () => {
    const agent = await makeAgent(test.db, NOW);
    const one = await plan([agent.name]);
    const two = await plan([agent.name], { startsAt: later(1.5 * HOUR), endsAt: later(3 * HOUR) });
    await decide(one);
    await decide(two);
    const at = async (ms: number) => (await maintenanceOf(test.db, agent.id, later(ms))).length;
    expect([await at(HOUR), await at(1.5 * HOUR)]).toEqual([1, 2]);
  });

  it("is ended at once by one person, once, and a plan is withdrawn by it", async () => {
    const agent = await makeAgent(test.db, NOW);
    const asked = await plan([agent.name]);
    await decide(asked);
    const end = (now = later(1.2 * HOUR)) =>
      endMaintenance(ctx(analyst, now), { id: asked.id, reason: "Done early" });
    const all = await Promise.allSettled([end(), end(), end()]);
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const [row] = await maintenanceOf(test.db, agent.id, later(1.3 * HOUR));
    expect(row?.cancelledMs).toBe(later(1.2 * HOUR).getTime());
    const undecided = await plan([agent.name]);
    await endMaintenance(ctx(approver), { id: undecided.id, reason: "Not now" });
    await expect(decide(undecided)).rejects.toMatchObject(refused("open"));
    await expect(end(later(5 * HOUR))).rejects.toMatchObject({ code: "maintenance_over" });
  });

  it("that nobody decided in time is over at its end, and is told so", async () => {
    const asked = await plan([(await makeAgent(test.db, NOW)).name]);
    await expect(decide(asked, { now: later(2 * HOUR) })).rejects.toMatchObject(refused("open"));
    await test.db.transaction((tx) => noteMaintenance(tx, later(2 * HOUR)));
    expect((await rowOf(asked.id))?.status).toBe("expired");
    expect(await kindsOf(asked.id)).toContain("maintenance.expired");
  });

  it.each<[string, Partial<PlanMaintenanceInput>]>([
    ["longer than a day", { endsAt: later(25 * HOUR + 1) }],
    ["backwards", { endsAt: later(HOUR) }],
    ["past", { startsAt: later(-2 * HOUR), endsAt: NOW }],
    ["far away", { startsAt: later(61 * 24 * HOUR), endsAt: later(61 * 24 * HOUR + 1) }],
    ["for no cause", { causes: [] }],
    ["for nobody", { agents: [] }],
    ["for an agent that is none", { agents: ["no-such-agent"] }],
  ])("is not planned %s", async (_how, as) => {
    const agent = await makeAgent(test.db, NOW);
    await expect(plan([agent.name], as)).rejects.toThrow();
    expect(await maintenanceOf(test.db, agent.id, NOW)).toEqual([]);
  });
});

describe("four eyes", () => {
  it("neither who planned it, nor their other account, nor an owner of any of its agents or of one above decides", async () => {
    const self = await makePerson(test.db, ["analyst", "approver"], NOW);
    const alias = await makePerson(test.db, ["approver"], NOW);
    await test.db
      .update(users)
      .set({ email: self.email.replace("@", "+b@") })
      .where(eq(users.id, alias.id));
    const asked = await plan([(await makeAgent(test.db, NOW)).name], {}, self);
    for (const by of [self, alias])
      await expect(decide(asked, { by })).rejects.toMatchObject(refused("not-proposer"));
    const parent = await makeAgent(test.db, NOW, { ownerId: approver.id });
    const child = await makeAgent(test.db, NOW, { parentId: parent.id });
    const both = await plan([(await makeAgent(test.db, NOW)).name, child.name]);
    await expect(decide(both)).rejects.toMatchObject(refused("not-owner"));
    const seen = (await listMaintenance(ctx(approver))).find(({ id }) => id === both.id);
    expect(seen?.mayDecide).toMatchObject({ allowed: false });
    expect(await kindsOf(both.id)).toContain("maintenance.decision_refused");
  });

  it("no key, no duty, nobody without a second factor, and of many at once one", async () => {
    const asked = await plan([(await makeAgent(test.db, NOW)).name]);
    await expect(decide(asked, { by: { ...approver, apiKeyId: "k" } })).rejects.toMatchObject(
      refused("in-person"),
    );
    await expect(decide(asked, { stepUp: "" })).rejects.toMatchObject({ code: "decision_refused" });
    await expect(decide(asked, { by: SYSTEM })).rejects.toMatchObject({ code: "not_a_person" });
    await expect(decide(asked, { digest: `sha256:${"0".repeat(64)}` })).rejects.toMatchObject(
      refused("same-terms"),
    );
    const people = await Promise.all([1, 2, 3].map(() => makePerson(test.db, ["approver"], NOW)));
    const all = await Promise.allSettled(
      people.map((by, i) => decide(asked, { by, decision: i ? "deny" : "approve" })),
    );
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it.each(ROLES)(
    "%s may do of it what the table says: refuses whoever lacks the permission",
    async (role) => {
      const person = await makePerson(test.db, [role], NOW);
      const { name } = await makeAgent(test.db, NOW);
      const code = (work: Promise<unknown>) =>
        work.then(
          () => "done",
          (error) => error.code,
        );
      const expected = (of: readonly string[]) => (of.includes(role) ? "done" : "not_permitted");
      expect(await code(plan([name], {}, person))).toBe(expected(["analyst", "admin"]));
      const asked = await plan([name]);
      expect(await code(decide(asked, { by: person }))).toBe(expected(["approver"]));
      const open = await plan([name]);
      expect(await code(endMaintenance(ctx(person), { id: open.id, reason: "Over" }))).toBe(
        expected(["analyst", "approver", "admin"]),
      );
      expect(await code(listMaintenance(ctx({ ...person, roles: [] })))).toBe("not_permitted");
    },
  );

  it("the database has none that begins approved, lasts over a day, is approved by its planner or an owner, or is changed", async () => {
    const agent = await makeAgent(test.db, NOW, { ownerId: analyst.id });
    const planner = await makePerson(test.db, [], NOW);
    const row = {
      ...{
        id: randomUUID(),
        agentIds: [agent.id],
        causes: ["dataMegabytes"],
        startsAt: NOW,
        endsAt: later(HOUR),
      },
      ...{ reason: "x", digest: "d", proposedBy: planner.id, proposedAt: NOW },
    };
    const yes = {
      status: "approved",
      decidedBy: approver.id,
      decidedAt: NOW,
      decisionReason: "x",
      stepUp: "totp",
    };
    for (const as of [
      yes,
      { endsAt: later(24 * HOUR + 1) },
      { agentIds: [] },
      { causes: [] },
      { endsAt: NOW },
    ])
      await expect(
        test.db.insert(maintenanceWindows).values({ ...row, id: randomUUID(), ...as }),
      ).rejects.toThrow();
    await test.db.insert(maintenanceWindows).values(row);
    const write = (as: Partial<typeof maintenanceWindows.$inferInsert>) =>
      test.db.update(maintenanceWindows).set(as).where(eq(maintenanceWindows.id, row.id));
    for (const as of [
      { decidedBy: planner.id },
      { decidedBy: analyst.id },
      { decidedAt: later(HOUR) },
      { stepUp: "" },
    ])
      await expect(write({ ...yes, ...as }), JSON.stringify(as)).rejects.toThrow();
    await write(yes);
    for (const as of [{ endsAt: later(2 * HOUR) }, { causes: ["x"] }, { agentIds: [] }, { status: "denied" }])
      await expect(write(as), JSON.stringify(as)).rejects.toThrow();
  });
});
