import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { approvals } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { ensureDefaultPolicy } from "../layers/authorization/ensure-default-policy.ts";
import { EXPIRE_BATCH_MAX } from "../layers/authorization/expire-approvals.ts";
import { requestApproval } from "../layers/authorization/request-approval.ts";
import { later, makeAgent, makePerson, NOW } from "../layers/authorization/testing/people-and-agents.ts";
import type { DutyContext } from "./duty.ts";
import { expireApprovals } from "./expire-approvals.ts";
import { takeLease } from "./lease.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
});
afterAll(() => test.close());

async function context(holder: string, now: Date): Promise<DutyContext> {
  const lease = await takeLease(test.db, expireApprovals.name, holder);
  return {
    db: test.db,
    now,
    lease: lease ?? { name: expireApprovals.name, holder, epoch: 0 },
  } as DutyContext;
}

it("ends every overdue request in bounded batches, and none by a worker that lost its lease", async () => {
  const analyst = await makePerson(test.db, ["analyst"]);
  for (let i = 0; i < EXPIRE_BATCH_MAX + 1; i++) {
    const agent = await makeAgent(test.db);
    const ask = { agent: agent.name, scope: "payments:execute", durationSeconds: 60, reason: "Waits" };
    await requestApproval({ db: test.db, actor: analyst, now: NOW }, ask);
  }
  const holder = await context("one", later(9 * 3_600));
  const loser = { ...holder, lease: { ...holder.lease, holder: "two" } };
  await expect(expireApprovals.run(loser)).rejects.toMatchObject({ code: "lease_lost" });
  expect(await expireApprovals.run({ ...holder, now: later(60) })).toEqual({ more: false });
  expect(await expireApprovals.run(holder)).toEqual({ more: true });
  expect(await expireApprovals.run(holder)).toEqual({ more: false });
  expect(await test.db.select().from(approvals).where(eq(approvals.status, "pending"))).toEqual([]);
});
