import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { users, verdictLessons } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { ROLES } from "../../access/permissions.ts";
import type { Actor } from "../../kernel/actor.ts";
import { closeAlert } from "./close-alert.ts";
import { raiseAlert } from "./raise-alert.ts";
import { readLearning } from "./read-learning.ts";
import { findAlert } from "./store.ts";
import { makeAgent, makePerson, type Operator, recordsOf, SYSTEM } from "./testing/agents-and-people.ts";
import { undoAllowance } from "./undo-allowance.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const DAY = 86_400_000;
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY);
let test: TestDatabase;
let ana: Operator;
let ben: Operator;
beforeAll(async () => {
  test = await createTestDatabase();
  ana = await makePerson(test.db, ["analyst"], NOW);
  ben = await makePerson(test.db, ["analyst"], NOW);
});
afterAll(() => test.close());

const ctx = (actor: Actor, now = NOW) => ({ db: test.db, actor, now });
const CAUSE = {
  ...{ feature: "dataMegabytes", value: 90, expected: { low: 0, high: 20, typical: 10 }, deviations: 7 },
  ...{ share: 1, flag: "alert", words: "a lot" },
};
/** An alert of its score that a person closes. */
async function judged(
  agentId: string,
  by: Operator,
  now: Date,
  disposition: "true-positive" | "false-positive" | "benign" = "false-positive",
  detail: object = { contributions: [CAUSE], baselineId: randomUUID() },
) {
  const { alertId } = await test.db.transaction((tx) =>
    raiseAlert(tx, {
      ...{ agentId, kind: "behaviour", rule: "behaviour-score", severity: "high", title: "odd", score: 0.95 },
      ...{ detail: { ...detail }, actor: SYSTEM, now },
    }),
  );
  const { version } = await findAlert(test.db, { id: alertId });
  await closeAlert(ctx(by, now), { id: alertId, version, disposition, reason: "Looked at it" });
}
const allowances = async (name: string) => (await readLearning(ctx(ana), { name })).allowances;

describe("verdicts", () => {
  it("lower a cause once three false alarms were judged by two people on two days, and it is seen why", async () => {
    const agent = await makeAgent(test.db, daysAgo(10));
    await judged(agent.id, ana, daysAgo(3));
    await judged(agent.id, ana, daysAgo(2), "benign");
    expect(await allowances(agent.name)).toMatchObject([
      { counts: false, points: 0, verdicts: 2, people: 1 },
    ]);
    await judged(agent.id, ben, daysAgo(1));
    expect(await allowances(agent.name)).toMatchObject([
      {
        feature: "dataMegabytes",
        counts: true,
        points: 0.05,
        valueMax: 90,
        words: expect.stringContaining("2 people"),
      },
    ]);
  });

  it("of one person under two accounts are one person's, and of an owner are nobody's", async () => {
    const agent = await makeAgent(test.db, daysAgo(10), { ownerId: ben.id });
    const alias = await makePerson(test.db, ["analyst"], NOW);
    const email = ana.email.replace("@", "+x@").toUpperCase();
    await test.db.update(users).set({ email }).where(eq(users.id, alias.id));
    for (const [days, by] of [
      [4, ana],
      [3, { ...alias, email }],
      [2, ben],
      [1, ben],
    ] as const)
      await judged(agent.id, by, daysAgo(days));
    expect(await allowances(agent.name)).toMatchObject([{ counts: false, verdicts: 2, people: 1 }]);
    await judged(agent.id, ben, NOW, "true-positive");
    expect(await allowances(agent.name)).toMatchObject([
      { words: expect.stringContaining("2 false alarms") },
    ]);
    const rows = await test.db.select().from(verdictLessons).where(eq(verdictLessons.agentId, agent.id));
    expect(rows.map(({ disposition }) => disposition)).toContain("true-positive");
  });

  it("on an alert whose detail is not of a score teach nothing and are kept all the same", async () => {
    const agent = await makeAgent(test.db, daysAgo(10));
    await judged(agent.id, ana, daysAgo(1), "benign", { contributions: [{ feature: "no such" }] });
    await judged(agent.id, ana, daysAgo(1), "benign", { contributions: "x", baselineId: "not one" });
    expect(await allowances(agent.name)).toEqual([]);
  });

  it("are taken back by one person, for good, with a record", async () => {
    const agent = await makeAgent(test.db, daysAgo(10));
    await judged(agent.id, ana, daysAgo(3));
    await judged(agent.id, ben, daysAgo(2));
    await judged(agent.id, ana, daysAgo(1));
    const undo = () =>
      undoAllowance(ctx(ana), { agent: agent.name, feature: "dataMegabytes", reason: "It was an attack" });
    const all = await Promise.allSettled([undo(), undo()]);
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await allowances(agent.name)).toEqual([]);
    await expect(undo()).rejects.toMatchObject({ code: "no_allowance" });
    expect((await recordsOf(test.db, agent.id)).at(-1)).toMatchObject({
      kind: "allowance.undone",
      details: { feature: "dataMegabytes", verdicts: 3, reason: "It was an attack" },
    });
    for (const set of [{ withdrawnAt: null }, { disposition: "benign" }])
      await expect(
        test.db.update(verdictLessons).set(set).where(eq(verdictLessons.agentId, agent.id)),
      ).rejects.toThrow();
  });

  it.each(ROLES)("%s takes back what the table says: refuses whoever lacks the permission", async (role) => {
    const person = await makePerson(test.db, [role], NOW);
    const agent = await makeAgent(test.db, NOW);
    const wish = { agent: agent.name, feature: "dataMegabytes" as const, reason: "Over" };
    await expect(undoAllowance(ctx(person), wish)).rejects.toMatchObject({
      code: role === "analyst" ? "no_allowance" : "not_permitted",
    });
  });
});
