import { randomUUID } from "node:crypto";
import { and, asc, eq, isNull } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alerts, baselines, featureWindows, learningProposals, users } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { ROLES } from "../../access/permissions.ts";
import type { Actor } from "../../kernel/actor.ts";
import { decideLearning } from "./decide-learning.ts";
import { expireProposals } from "./expire-proposals.ts";
import { finishLearning } from "./finish-learning.ts";
import { learnAgentBaseline } from "./learn-baseline.ts";
import type { ProposeLearningInput } from "./learning-schema.ts";
import { agentsToLearn } from "./learning-store.ts";
import { proposeLearning } from "./propose-learning.ts";
import { readLearning } from "./read-learning.ts";
import { makeAgent, makePerson, type Operator, recordsOf, SYSTEM } from "./testing/agents-and-people.ts";
import { giveHistory } from "./testing/give-history.ts";
import { judgeWindows } from "./window-store.ts";
import { withdrawLearning } from "./withdraw-learning.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const DAY = 86_400_000;
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
const withHistory = (
  agent: { id: string },
  more: { factor?: number; weeks?: number; fromMs?: number } = {},
) => giveHistory(test.db, agent.id, { weeks: 3, fromMs: NOW.getTime() - 21 * DAY, ...more });
async function learnt(as: Parameters<typeof makeAgent>[2] = {}) {
  const agent = await makeAgent(test.db, NOW, as);
  await withHistory(agent);
  await learnAgentBaseline(ctx(SYSTEM), { agentId: agent.id });
  return agent;
}
const propose = (
  agent: { name: string },
  as: Partial<ProposeLearningInput> = {},
  by: Actor = analyst,
  now = NOW,
) => proposeLearning(ctx(by, now), { agent: agent.name, kind: "relearn", reason: "It was deployed", ...as });
const decide = (
  asked: { id: string; digest: string },
  more: { by?: Actor; decision?: "approve" | "deny"; now?: Date; stepUp?: string; digest?: string } = {},
) => {
  const { by = approver, decision = "approve", now = later(1_000), stepUp = "totp" } = more;
  const digest = more.digest ?? asked.digest;
  return decideLearning(ctx(by, now), { id: asked.id, digest, decision, reason: "Agreed" }, stepUp);
};
const rowOf = async (id: string) =>
  (await test.db.select().from(learningProposals).where(eq(learningProposals.id, id)))[0];
const versions = (agentId: string) =>
  test.db.select().from(baselines).where(eq(baselines.agentId, agentId)).orderBy(asc(baselines.version));
const excluded = (agentId: string) =>
  test.db.$count(featureWindows, and(eq(featureWindows.agentId, agentId), eq(featureWindows.excluded, true)));
const kinds = async (agentId: string) => (await recordsOf(test.db, agentId)).map(({ kind }) => kind);
const refused = (check: string) => ({ code: "decision_refused", facts: { check } });
const HOUR = { from: new Date("2026-11-20T10:00:00Z"), to: new Date("2026-11-20T11:00:00Z") };

describe("excluding an interval", () => {
  it("is done in the decision's transaction, told with its minutes, and undone only by two people", async () => {
    const agent = await learnt();
    const asked = await propose(agent, { kind: "exclude", ...HOUR });
    expect(await excluded(agent.id)).toBe(0);
    expect(await decide(asked)).toMatchObject({ status: "approved", done: true, outcome: { minutes: 61 } });
    expect(await excluded(agent.id)).toBe(61);
    await test.db.transaction((tx) => judgeWindows(tx, { agentId: agent.id, ...HOUR, excluded: false }));
    expect(await excluded(agent.id)).toBe(61);
    await decide(await propose(agent, { kind: "readmit", ...HOUR }, analyst, later(2_000)), {
      now: later(3_000),
    });
    expect(await excluded(agent.id)).toBe(0);
    expect((await kinds(agent.id)).filter((kind) => kind.startsWith("learning."))).toEqual([
      ...["learning.proposed", "learning.approved", "learning.proposed", "learning.approved"],
    ]);
  });

  it("an attack is let back in by nobody, not even by two", async () => {
    const agent = await learnt();
    await test.db.insert(alerts).values({
      ...{
        id: randomUUID(),
        agentId: agent.id,
        kind: "behaviour",
        rule: "behaviour-score",
        severity: "high",
      },
      ...{ title: "x", detail: {}, status: "closed", disposition: "true-positive" },
      ...{ openedAt: new Date("2026-11-20T10:58:00Z"), lastSeenAt: new Date("2026-11-20T11:20:00Z") },
    });
    await test.db.transaction((tx) => judgeWindows(tx, { agentId: agent.id, ...HOUR, excluded: true }));
    const asked = await propose(agent, { kind: "readmit", ...HOUR });
    await expect(decide(asked)).rejects.toMatchObject({ ...refused("no-true-positive"), status: 409 });
    expect(await excluded(agent.id)).toBe(61);
    expect(await decide(asked, { decision: "deny" })).toMatchObject({ status: "denied", done: false });
  });
});

describe("learning anew", () => {
  it("follows a drift once two people agreed, and the record says what moved", async () => {
    const agent = await learnt();
    await test.asSuper((client) =>
      client.query("delete from feature_windows where agent_id = $1", [agent.id]),
    );
    await withHistory(agent, { factor: 4 });
    expect(await learnAgentBaseline(ctx(SYSTEM), { agentId: agent.id })).toMatchObject({ kind: "drifted" });
    const answer = await decide(await propose(agent));
    expect(answer).toMatchObject({
      done: true,
      outcome: { version: 2, followedDrift: expect.stringContaining("moved") },
    });
    expect(await versions(agent.id)).toMatchObject([
      { version: 1, retireReason: "learnt anew: It was deployed", retiredAt: later(1_000) },
      { version: 2, origin: "relearnt", createdBy: approver.email, retiredAt: null },
    ]);
  });

  it("after a deploy waits for enough from then on; the duty does it, once, and nothing older is learnt again", async () => {
    const agent = await learnt();
    const deploy = new Date("2026-11-20T12:00:00Z");
    const asked = await propose(agent, { from: deploy });
    expect(await decide(asked)).toEqual({ status: "approved", done: false, outcome: null });
    expect(await agentsToLearn(test.db, later(2 * DAY), 1_000)).not.toContain(agent.id);
    expect(await finishLearning(ctx(SYSTEM, later(DAY)), async () => undefined)).toBe(0);
    await withHistory(agent, { weeks: 2, fromMs: NOW.getTime() });
    const then = later(14 * DAY);
    const both = await Promise.all(
      [1, 2].map(() => finishLearning(ctx(SYSTEM, then), async () => undefined)),
    );
    expect(both.reduce((sum, one) => sum + one, 0)).toBe(1);
    const [, second, third] = await versions(agent.id);
    expect(third).toBeUndefined();
    expect(second?.learntFrom.getTime()).toBeGreaterThanOrEqual(deploy.getTime());
    expect(await rowOf(asked.id)).toMatchObject({
      status: "approved",
      doneAt: then,
      outcome: { version: 2 },
    });
    expect(await kinds(agent.id)).toContain("learning.done");
    await learnAgentBaseline(ctx(SYSTEM, later(14 * DAY + 1)), { agentId: agent.id });
    expect((await versions(agent.id)).at(-1)?.learntFrom.getTime()).toBeGreaterThanOrEqual(deploy.getTime());
  });

  it("a duty that read its minutes before the decision writes nothing after it", async () => {
    const agent = await learnt();
    const asked = await propose(agent, { kind: "exclude", ...HOUR });
    const duty = learnAgentBaseline(
      ctx(SYSTEM),
      { agentId: agent.id },
      { fence: async () => void (await decide(asked)) },
    );
    await expect(duty).rejects.toMatchObject({ code: "learning_changed" });
    expect(await versions(agent.id)).toHaveLength(1);
  });

  it("is not done while the agent is in an incident, and the proposal stays open", async () => {
    const agent = await learnt();
    const asked = await propose(agent);
    await test.asSuper((client) =>
      client.query(
        `insert into incidents (id, title, severity, agent_id, opened_at) values ($1, 'x', 'high', $2, now())`,
        [randomUUID(), agent.id],
      ),
    );
    await expect(decide(asked)).rejects.toMatchObject({ code: "baseline_frozen" });
    expect((await rowOf(asked.id))?.status).toBe("pending");
    expect(await versions(agent.id)).toHaveLength(1);
  });
});

describe("going back to an earlier version", () => {
  async function withTwo() {
    const agent = await learnt();
    await learnAgentBaseline(ctx(SYSTEM, later(1)), { agentId: agent.id });
    return agent;
  }

  it("is a version of its own with the old model, pinned until two people let it go; all stay readable", async () => {
    const agent = await withTwo();
    await decide(await propose(agent, { kind: "rollback", version: 1 }));
    const [first, , third] = await versions(agent.id);
    expect(third).toMatchObject({
      ...{ version: 3, origin: "rollback", restoredFrom: first?.id, retiredAt: null, unpinnedAt: null },
      ...{ model: first?.model, pinnedAt: later(1_000) },
    });
    await expect(learnAgentBaseline(ctx(SYSTEM, later(2_000)), { agentId: agent.id })).rejects.toMatchObject({
      code: "baseline_pinned",
    });
    const seen = await readLearning(ctx(analyst), { name: agent.name });
    expect(seen.versions).toMatchObject([
      { version: 3, active: true, pinned: true, restoredVersion: 1, retiredAt: null },
      { version: 2, active: false, retireReason: "rolled back to version 1: It was deployed" },
      { version: 1, active: false, retireReason: "learnt anew by the duty" },
    ]);
    await decide(await propose(agent, { kind: "unpin" }, analyst, later(2_000)), { now: later(3_000) });
    expect(await learnAgentBaseline(ctx(SYSTEM, later(4_000)), { agentId: agent.id })).toMatchObject({
      version: 4,
    });
  });

  it("is not proposed to the version in use, nor to another agent's or none", async () => {
    const agent = await withTwo();
    const other = await learnt();
    const code = (code: string) => ({ code });
    await expect(propose(agent, { kind: "rollback", version: 2 })).rejects.toMatchObject(
      code("version_in_use"),
    );
    await expect(propose(other, { kind: "rollback", version: 2 })).rejects.toMatchObject(
      code("baseline_unknown"),
    );
    await expect(propose(other, { kind: "rollback" })).rejects.toMatchObject(code("version_missing"));
    await expect(propose(other, { kind: "unpin" })).rejects.toMatchObject(code("not_pinned"));
  });

  it("of two deciders at once one does it", async () => {
    const agent = await withTwo();
    const asked = await propose(agent, { kind: "rollback", version: 1 });
    const people = await Promise.all([1, 2, 3].map(() => makePerson(test.db, ["approver"], NOW)));
    const all = await Promise.allSettled(
      people.flatMap((by) => [decide(asked, { by }), decide(asked, { by, decision: "deny" })]),
    );
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const one of all)
      if (one.status === "rejected") expect(one.reason).toMatchObject({ ...refused("open"), status: 409 });
    expect((await kinds(agent.id)).filter((kind) => /^learning\.(approved|denied)$/.test(kind))).toHaveLength(
      1,
    );
  });
});

describe("four eyes", () => {
  it("whoever proposed does not decide, under no account of theirs, and the refusal is a record", async () => {
    const agent = await learnt();
    const self = await makePerson(test.db, ["admin"], NOW);
    const alias = await makePerson(test.db, ["admin"], NOW);
    await test.db
      .update(users)
      .set({ email: self.email.replace("@", "+two@").toUpperCase() })
      .where(eq(users.id, alias.id));
    const asked = await propose(agent, {}, self);
    for (const by of [self, alias])
      for (const decision of ["approve", "deny"] as const)
        await expect(decide(asked, { by, decision })).rejects.toMatchObject(refused("not-proposer"));
    expect(await rowOf(asked.id)).toMatchObject({ status: "pending", decidedBy: null });
    expect(await kinds(agent.id)).toContain("learning.decision_refused");
  });

  it("neither the owner decides nor the owner of one above", async () => {
    const parent = await makeAgent(test.db, NOW, { ownerId: approver.id });
    const child = await learnt({ parentId: parent.id });
    for (const agent of [parent, child])
      await expect(decide(await propose(agent, { kind: "exclude", ...HOUR }))).rejects.toMatchObject(
        refused("not-owner"),
      );
    const { proposals } = await readLearning(ctx(approver), { name: child.name });
    expect(proposals[0]?.mayDecide).toMatchObject({ allowed: false });
  });

  it("an API key, a session without a second factor, a duty and one who lost the role decide nothing", async () => {
    const asked = await propose(await learnt(), { kind: "exclude", ...HOUR });
    await expect(decide(asked, { by: { ...approver, apiKeyId: "k" } })).rejects.toMatchObject(
      refused("in-person"),
    );
    await expect(decide(asked, { stepUp: "" })).rejects.toMatchObject({ code: "decision_refused" });
    await expect(decide(asked, { by: SYSTEM })).rejects.toMatchObject({ code: "not_a_person" });
    const demoted = await makePerson(test.db, ["approver"], NOW);
    await test.db.update(users).set({ roles: "analyst" }).where(eq(users.id, demoted.id));
    await expect(decide(asked, { by: demoted })).rejects.toMatchObject(refused("may-decide"));
  });

  it("a decision is for what was shown; a proposal that was altered since is decided by nobody", async () => {
    const asked = await propose(await learnt(), { kind: "exclude", ...HOUR });
    const other = await propose(await learnt(), { kind: "exclude", ...HOUR });
    await expect(decide(asked, { digest: other.digest })).rejects.toMatchObject(refused("same-terms"));
    await test.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
      await client.query("update learning_proposals set to_at = to_at + interval '1 day' where id = $1", [
        asked.id,
      ]);
    });
    await expect(decide(asked)).rejects.toMatchObject(refused("same-terms"));
  });

  it("ends unanswered to the millisecond, is withdrawn once, and one of a kind waits at a time", async () => {
    const agent = await learnt();
    const asked = await propose(agent);
    await expect(propose(agent)).rejects.toMatchObject({ code: "proposal_pending", status: 409 });
    await expect(decide(asked, { now: later(3 * DAY) })).rejects.toMatchObject(refused("open"));
    while ((await test.db.transaction((tx) => expireProposals(tx, { now: later(3 * DAY) }))) > 0);
    expect((await rowOf(asked.id))?.status).toBe("expired");
    const next = await propose(agent);
    const withdraw = () => withdrawLearning(ctx(analyst), { id: next.id, reason: "Not needed" });
    const all = await Promise.allSettled([withdraw(), withdraw()]);
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(decide(next)).rejects.toMatchObject(refused("open"));
  });

  it.each(ROLES)(
    "%s may do of it what the table says: refuses whoever lacks the permission",
    async (role) => {
      const person = await makePerson(test.db, [role], NOW);
      const agent = await learnt();
      const code = (work: Promise<unknown>) =>
        work.then(
          () => "done",
          (error) => error.code,
        );
      const expected = (of: readonly string[]) => (of.includes(role) ? "done" : "not_permitted");
      expect(await code(propose(agent, { kind: "exclude", ...HOUR }, person))).toBe(
        expected(["analyst", "admin"]),
      );
      const asked = await propose(agent, { kind: "readmit", ...HOUR });
      expect(await code(decide(asked, { by: person }))).toBe(expected(["approver", "admin"]));
      const open = await propose(agent);
      expect(await code(withdrawLearning(ctx(person), { id: open.id, reason: "Over" }))).toBe(
        expected(["analyst", "admin"]),
      );
      const nobody = { ...person, roles: [] };
      expect(await code(finishLearning(ctx(nobody), async () => undefined))).toBe("not_permitted");
      expect(await code(readLearning(ctx(nobody), { name: agent.name }))).toBe("not_permitted");
    },
  );
});

describe("the database itself", () => {
  it("has no baseline of a duty over a pinned one, none relearnt without two people, and none retired or pinned twice", async () => {
    const agent = await learnt();
    const [first] = await versions(agent.id);
    if (!first) throw new Error("nothing was learnt");
    await decide(await propose(agent), { now: later(5) });
    const write = (as: Partial<typeof baselines.$inferInsert>) =>
      test.db.insert(baselines).values({ ...first, id: randomUUID(), version: 9, retiredAt: null, ...as });
    const done = (
      await test.db.select().from(learningProposals).where(eq(learningProposals.agentId, agent.id))
    )[0];
    await test.db
      .update(baselines)
      .set({ retiredAt: NOW })
      .where(and(eq(baselines.agentId, agent.id), isNull(baselines.retiredAt)));
    await expect(write({ origin: "relearnt" })).rejects.toThrow();
    await expect(write({ origin: "relearnt", proposalId: done?.id ?? null })).rejects.toThrow();
    await expect(write({ origin: "rollback", restoredFrom: first.id })).rejects.toThrow();
    await expect(write({ pinnedAt: NOW })).rejects.toThrow();
    await expect(write({ origin: "of its own" })).rejects.toThrow();
    await expect(
      test.db.update(baselines).set({ retiredAt: null }).where(eq(baselines.id, first.id)),
    ).rejects.toThrow();
    await expect(
      test.db.update(baselines).set({ model: {} }).where(eq(baselines.id, first.id)),
    ).rejects.toThrow();
    await expect(
      test.db.update(baselines).set({ unpinnedAt: NOW }).where(eq(baselines.id, first.id)),
    ).rejects.toThrow();
    await write({});
    await expect(write({ version: 10 })).rejects.toThrow();
  });

  it("approves no proposal by who proposed it, an owner, too late, or without a second factor, and changes none", async () => {
    const agent = await learnt({ ownerId: analyst.id });
    const { id } = await propose(
      agent,
      { kind: "exclude", ...HOUR },
      await makePerson(test.db, ["admin"], NOW),
    );
    const proposedBy = (await rowOf(id))?.proposedBy ?? "";
    const write = (as: Partial<typeof learningProposals.$inferInsert>) =>
      test.db.update(learningProposals).set(as).where(eq(learningProposals.id, id));
    const yes = {
      ...{ status: "approved", decidedBy: approver.id, decidedAt: NOW, decisionReason: "x", stepUp: "totp" },
    };
    for (const as of [
      { decidedBy: proposedBy },
      { decidedBy: analyst.id },
      { decidedAt: later(3 * DAY) },
      { stepUp: null },
      { decisionReason: null },
    ])
      await expect(write({ ...yes, ...as }), JSON.stringify(as)).rejects.toThrow();
    await expect(write({ doneAt: NOW })).rejects.toThrow();
    await write(yes);
    for (const as of [{ status: "denied" }, { decidedBy: analyst.id }, { toAt: NOW }, { reason: "y" }])
      await expect(write(as), JSON.stringify(as)).rejects.toThrow();
    await write({ doneAt: NOW });
    await expect(write({ doneAt: later(1) })).rejects.toThrow();
  });
});
