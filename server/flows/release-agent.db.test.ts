import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessTokens, agents, containments, isolationStates, users } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { declineRelease } from "../incidents/decline-release.ts";
import { listContainments } from "../incidents/list-containments.ts";
import { requestRelease } from "../incidents/request-release.ts";
import {
  makeAgent,
  makeOperator,
  minutesLater,
  NOW,
  type Operator,
  recordsOf,
} from "../incidents/testing/cast.ts";
import { containAgent } from "./contain-agent.ts";
import { releaseAgent } from "./release-agent.ts";

let test_: TestDatabase;
let db: TestDatabase["db"];
let analyst: Operator;
let approver: Operator;
beforeAll(async () => {
  test_ = await createTestDatabase();
  db = test_.db;
  analyst = await makeOperator(db, "analyst");
  approver = await makeOperator(db, "approver");
});
afterAll(() => test_.close());

const as = (actor: Operator | { type: "system"; id: string }) => ({ db, actor, now: minutesLater(10) });
const reason = "it was a planned load test";
const stepUp = "totp";

async function contain(change: Partial<typeof agents.$inferInsert> = {}) {
  const agent = await makeAgent(db, change);
  const made = await containAgent({ db, actor: analyst, now: NOW }, { agentId: agent.id, reason: "odd" });
  return { agent, containmentId: made.containmentId };
}
const statusOf = async (id: string) => (await db.select().from(agents).where(eq(agents.id, id)))[0]?.status;

describe("releasing an agent", () => {
  test("takes two people; then it is active and open, and its old tokens stay dead", async () => {
    const { agent, containmentId } = await contain();
    await requestRelease(as(analyst), { containmentId, reason });
    await releaseAgent(as(approver), { containmentId, stepUp });
    expect(await statusOf(agent.id)).toBe("active");
    const [isolation] = await db.select().from(isolationStates).where(eq(isolationStates.agentId, agent.id));
    expect(isolation?.state).toBe("open");
    const tokens = await db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
    expect(tokens.filter((token) => token.expiresAt > NOW).every((token) => token.revokedAt)).toBe(true);
    const [row] = await db.select().from(containments).where(eq(containments.id, containmentId));
    expect(row).toMatchObject({
      status: "released",
      releasedBy: approver.id,
      releaseRequestedBy: analyst.id,
    });
    expect((await recordsOf(db, "agent.released"))[0]).toMatchObject({
      actor: { id: approver.id },
      details: { containmentId, requestedBy: analyst.id, reason, stepUp },
    });
    expect((await recordsOf(db, "agent.release-requested"))[0]?.actor.id).toBe(analyst.id);
  });

  test("whoever asked cannot confirm, whatever their roles; the refusal is recorded", async () => {
    const both = await makeOperator(db, "analyst", "approver");
    const { agent, containmentId } = await contain();
    await requestRelease(as(both), { containmentId, reason });
    const again = { ...both, email: both.email.toUpperCase(), sessionId: "another session" };
    for (const actor of [both, again])
      await expect(releaseAgent(as(actor), { containmentId, stepUp })).rejects.toMatchObject({
        code: "second_person_required",
      });
    expect(await statusOf(agent.id)).toBe("contained");
    const [record] = await recordsOf(db, "agent.release-refused");
    expect(record).toMatchObject({
      outcome: "deny",
      actor: { id: both.id },
      checks: [{ id: "second-person", passed: false }],
    });
  });

  test("the owner of one above the agent cannot confirm, is told so, and the database agrees", async () => {
    const owner = await makeOperator(db, "approver");
    const parent = await makeAgent(db, { ownerId: owner.id });
    const { agent, containmentId } = await contain({ parentId: parent.id });
    await requestRelease(as(analyst), { containmentId, reason });
    await expect(releaseAgent(as(owner), { containmentId, stepUp })).rejects.toMatchObject({
      ...{ code: "second_person_required", facts: { check: "not-owner" } },
    });
    const seen = (await listContainments(as(owner), {})).find(({ id }) => id === containmentId);
    expect(seen?.canRelease).toMatchObject({ allowed: false, reason: expect.stringContaining("above it") });
    await expect(
      db
        .update(containments)
        .set({ status: "released", releasedBy: owner.id, releasedAt: NOW })
        .where(eq(containments.id, containmentId)),
    ).rejects.toThrow();
    expect(await statusOf(agent.id)).toBe("contained");
  });

  test("the agent's owner cannot confirm", async () => {
    const owner = await makeOperator(db, "approver");
    const { containmentId } = await contain({ ownerId: owner.id });
    await requestRelease(as(analyst), { containmentId, reason });
    await expect(releaseAgent(as(owner), { containmentId, stepUp })).rejects.toMatchObject({
      code: "second_person_required",
    });
  });

  test("a second account of one mailbox is the same person", async () => {
    const asker = await makeOperator(db, "analyst");
    const other = await makeOperator(db, "approver");
    await db
      .update(users)
      .set({ email: `${asker.id}+two@Test.bank` })
      .where(eq(users.id, other.id));
    const { agent, containmentId } = await contain();
    await requestRelease(as(asker), { containmentId, reason });
    await expect(releaseAgent(as(other), { containmentId, stepUp })).rejects.toMatchObject({
      code: "second_person_required",
      facts: { check: "second-person" },
    });
    expect(await statusOf(agent.id)).toBe("contained");
  });

  test("whoever lost the role, or was disabled, after their session was read confirms nothing", async () => {
    for (const change of [{ roles: "analyst" }, { disabledAt: NOW }]) {
      const late = await makeOperator(db, "approver");
      const { agent, containmentId } = await contain();
      await requestRelease(as(analyst), { containmentId, reason });
      await db.update(users).set(change).where(eq(users.id, late.id));
      await expect(releaseAgent(as(late), { containmentId, stepUp })).rejects.toMatchObject({
        facts: { check: "may-release" },
      });
      expect(await statusOf(agent.id)).toBe("contained");
    }
  });

  test("a request by somebody who was disabled since releases nobody", async () => {
    const asker = await makeOperator(db, "analyst");
    const { containmentId } = await contain();
    await requestRelease(as(asker), { containmentId, reason });
    await db.update(users).set({ disabledAt: NOW }).where(eq(users.id, asker.id));
    await expect(releaseAgent(as(approver), { containmentId, stepUp })).rejects.toMatchObject({
      code: "release_not_requested",
    });
  });

  test("nobody confirms what nobody asked for", async () => {
    const { containmentId } = await contain();
    await expect(releaseAgent(as(approver), { containmentId, stepUp })).rejects.toMatchObject({
      code: "release_not_requested",
    });
  });

  test("no program releases: neither a duty nor an API key, nor anybody without a second factor", async () => {
    const { containmentId } = await contain();
    await requestRelease(as(analyst), { containmentId, reason });
    const duty = as({ type: "system", id: "score-windows" });
    await expect(releaseAgent(duty, { containmentId, stepUp })).rejects.toMatchObject({
      code: "person_required",
    });
    const key = as({ ...approver, sessionId: null, apiKeyId: "k" });
    await expect(releaseAgent(key, { containmentId, stepUp })).rejects.toMatchObject({
      code: "person_required",
    });
    await expect(releaseAgent(as(approver), { containmentId, stepUp: "" })).rejects.toThrow();
    await expect(requestRelease(duty, { containmentId, reason })).rejects.toMatchObject({
      code: "person_required",
    });
  });

  test("two who confirm at once: one does it, the other is told", async () => {
    const other = await makeOperator(db, "approver");
    const { containmentId } = await contain();
    await requestRelease(as(analyst), { containmentId, reason });
    const results = await Promise.allSettled(
      [approver, other].map((actor) => releaseAgent(as(actor), { containmentId, stepUp })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "already_released" },
    });
  });

  test("two who ask at once: the second is told who was first", async () => {
    const { containmentId } = await contain();
    const second = await makeOperator(db, "analyst");
    await requestRelease(as(analyst), { containmentId, reason });
    await expect(requestRelease(as(second), { containmentId, reason })).rejects.toMatchObject({
      code: "release_requested",
      message: expect.stringContaining(analyst.email),
    });
  });

  test("an approver turns a request down, and then anybody may ask again", async () => {
    const { agent, containmentId } = await contain();
    await requestRelease(as(analyst), { containmentId, reason });
    await declineRelease(as(approver), { containmentId, reason: "the cause is not known yet" });
    expect(await statusOf(agent.id)).toBe("contained");
    expect((await recordsOf(db, "agent.release-declined"))[0]).toMatchObject({
      outcome: "deny",
      details: { requestedBy: analyst.id },
    });
    await expect(declineRelease(as(approver), { containmentId, reason })).rejects.toMatchObject({
      code: "release_not_requested",
    });
    await requestRelease(as(analyst), { containmentId, reason });
  });

  test("rejects actors without the permission", async () => {
    const { containmentId } = await contain();
    for (const role of ["compliance", "auditor", "admin"] as const) {
      const ctx = as(await makeOperator(db, role));
      for (const verb of [
        () => requestRelease(ctx, { containmentId, reason }),
        () => declineRelease(ctx, { containmentId, reason }),
        () => releaseAgent(ctx, { containmentId, stepUp }),
      ])
        await expect(verb()).rejects.toMatchObject({ code: "not_permitted" });
    }
    await expect(releaseAgent(as(analyst), { containmentId, stepUp })).rejects.toMatchObject({
      code: "not_permitted",
    });
    await expect(requestRelease(as(approver), { containmentId, reason })).rejects.toMatchObject({
      code: "not_permitted",
    });
  });

  test("a released agent can be contained again, in the same incident, as a new containment", async () => {
    const { agent, containmentId } = await contain();
    await requestRelease(as(analyst), { containmentId, reason });
    await releaseAgent(as(approver), { containmentId, stepUp });
    const again = await containAgent(as(analyst), { agentId: agent.id, reason: "odd again" });
    expect(again.alreadyContained).toBe(false);
    const views = await listContainments(as(approver), { agent: agent.name });
    expect(views.map(({ id, status }) => [id, status])).toEqual([
      [again.containmentId, "running"],
      [containmentId, "released"],
    ]);
    expect(new Set(views.map(({ incident }) => incident?.id)).size).toBe(1);
    expect(views[0]?.canRelease).toEqual({
      allowed: false,
      reason: "Nobody has asked for this release yet.",
    });
  });

  test("the view tells each person what they may not do, and why", async () => {
    const { containmentId } = await contain();
    await requestRelease(as(analyst), { containmentId, reason });
    const [forAnalyst] = await listContainments(as(analyst), { id: containmentId });
    expect(forAnalyst).toMatchObject({
      canRelease: { allowed: false, reason: "Approvers confirm a release." },
    });
    const [forApprover] = await listContainments(as(approver), { id: containmentId });
    expect(forApprover).toMatchObject({
      canRelease: { allowed: true },
      release: { reason, requestedBy: { email: analyst.email } },
    });
    expect(await db.select().from(users).where(eq(users.id, approver.id))).toHaveLength(1);
  });
});
