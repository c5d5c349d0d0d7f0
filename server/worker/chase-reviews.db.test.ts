import { eq } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { alerts, breakGlassUses } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { breakGlass } from "../flows/break-glass.ts";
import { reviewBreakGlass } from "../flows/review-break-glass.ts";
import {
  later,
  makeAgent,
  makePerson,
  NOW,
  type Operator,
} from "../layers/authorization/testing/people-and-agents.ts";
import { writePolicy } from "../layers/authorization/testing/write-policy.ts";
import { chaseReviews } from "./chase-reviews.ts";
import type { DutyContext } from "./duty.ts";
import { takeLease } from "./lease.ts";

const DAY = 86_400;
let test: TestDatabase;
let analyst: Operator;
let approver: Operator;
beforeAll(async () => {
  test = await createTestDatabase();
  analyst = await makePerson(test.db, ["analyst"]);
  approver = await makePerson(test.db, ["approver"]);
  await writePolicy(test.db, {
    breakGlass: { people: [analyst.id], secondsMax: 600, reviewWithinSeconds: DAY },
  });
});
afterAll(() => test.close());

async function context(holder: string, now: Date): Promise<DutyContext> {
  const lease = await takeLease(test.db, chaseReviews.name, holder);
  return {
    ...{ db: test.db, now, log: pino({ enabled: false }) },
    lease: lease ?? { name: chaseReviews.name, holder, epoch: 0 },
  } as DutyContext;
}

async function smash(): Promise<{ id: string; agentId: string }> {
  const agent = await makeAgent(test.db);
  const wish = { agent: agent.name, scope: "payments:execute", durationSeconds: 60 };
  const ctx = { db: test.db, actor: analyst, now: NOW };
  const { breakGlassId } = await breakGlass(
    ctx,
    { ...wish, reason: "It could not wait for anybody" },
    "totp",
  );
  return { id: breakGlassId, agentId: agent.id };
}
const rulesOf = async (agentId: string) =>
  (await test.db.select().from(alerts).where(eq(alerts.agentId, agentId))).map(({ rule }) => rule);

it("a use that nobody reviewed by its stored instant is told of once, not before, and not where it was reviewed", async () => {
  const forgotten = await smash();
  const reviewed = await smash();
  const review = { id: reviewed.id, verdict: "justified" as const, reason: "Heard" };
  await reviewBreakGlass({ db: test.db, actor: approver, now: later(60) }, review, "totp");
  const overdue = `break-glass-review-overdue:${forgotten.id}`;
  const holder = await context("one", later(DAY));
  await chaseReviews.run({ ...holder, now: new Date(later(DAY).getTime() - 1) });
  expect(await rulesOf(forgotten.agentId)).not.toContain(overdue);
  await chaseReviews.run(holder);
  expect(await rulesOf(forgotten.agentId)).toContain(overdue);
  await test.db
    .update(alerts)
    .set({ status: "closed", closedAt: later(DAY) })
    .where(eq(alerts.rule, overdue));
  for (const seconds of [1, 5, 500]) await chaseReviews.run({ ...holder, now: later(DAY + seconds) });
  expect((await rulesOf(forgotten.agentId)).filter((rule) => rule === overdue)).toHaveLength(1);
  expect((await rulesOf(reviewed.agentId)).some((rule) => rule.includes("overdue"))).toBe(false);
});

it("a worker that lost its lease tells nothing", async () => {
  const { id, agentId } = await smash();
  const holder = await context("one", later(DAY));
  const loser = { ...holder, lease: { ...holder.lease, holder: "two" } };
  await expect(chaseReviews.run(loser)).rejects.toMatchObject({ code: "lease_lost" });
  expect(await rulesOf(agentId)).toHaveLength(1);
  const [use] = await test.db.select().from(breakGlassUses).where(eq(breakGlassUses.id, id));
  expect(use?.overdueNotedAt).toBeNull();
});
