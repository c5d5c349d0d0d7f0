import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agents, trustOverrides, users } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { ROLES, type Role } from "../../access/permissions.ts";
import type { Actor } from "../../kernel/actor.ts";
import { currentTrust } from "./current-trust.ts";
import { decideTrustOverride } from "./decide-trust-override.ts";
import { endTrustOverride } from "./end-trust-override.ts";
import { ensureDefaultPolicy } from "./ensure-default-policy.ts";
import { expireTrustOverrides } from "./expire-trust-overrides.ts";
import { issueToken } from "./issue-token.ts";
import { listTrustOverrides } from "./list-trust-overrides.ts";
import { requestTrustOverride } from "./request-trust-override.ts";
import { giveApproved } from "./testing/give-approved.ts";
import { later, makeAgent, makePerson, NOW, type Operator, recordsOf } from "./testing/people-and-agents.ts";

const DAY = 86_400;
let test: TestDatabase;
let asker: Operator;
let approver: Operator;
beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
  asker = await makePerson(test.db, ["analyst"]);
  approver = await makePerson(test.db, ["approver"]);
});
afterAll(() => test.close());

const ctx = (actor: Actor, now = NOW) => ({ db: test.db, actor, now });
const request = (
  agent: string,
  more: { by?: Actor; score?: number; durationSeconds?: number; now?: Date } = {},
) =>
  requestTrustOverride(ctx(more.by ?? asker, more.now), {
    ...{ agent, score: more.score ?? 0.9, durationSeconds: more.durationSeconds ?? 3_600 },
    reason: "Known from the pilot",
  });
const decide = (
  asked: { id: string; digest: string },
  more: { by?: Actor; decision?: "approve" | "deny"; now?: Date; stepUp?: string; digest?: string } = {},
) =>
  decideTrustOverride(
    ctx(more.by ?? approver, more.now),
    {
      id: asked.id,
      digest: more.digest ?? asked.digest,
      decision: more.decision ?? "approve",
      reason: "Agreed",
    },
    more.stepUp ?? "totp",
  );
const rowOf = async (id: string) =>
  (await test.db.select().from(trustOverrides).where(eq(trustOverrides.id, id)))[0];
const trust = (agentId: string, now = NOW) => currentTrust(test.db, agentId, now);

describe("an override of trust", () => {
  it("counts once a second person has approved it and until its stored end, with both scores told", async () => {
    const agent = await makeAgent(test.db);
    const asked = await request(agent.name);
    expect(await trust(agent.id)).toMatchObject({ score: 0, computed: 0, override: null });
    const { endsAt } = await decide(asked, { now: later(60) });
    expect(endsAt).toEqual(later(60 + 3_600));
    expect(await trust(agent.id, later(61))).toMatchObject({
      ...{ score: 0.9, computed: 0, override: { id: asked.id, score: 0.9, endsAt } },
    });
    expect(await trust(agent.id, later(60 + 3_600))).toMatchObject({ score: 0, override: null });
    const records = await recordsOf(test.db, agent.id);
    expect(records.map(({ kind }) => kind)).toEqual(["trust.override_approved", "trust.override_requested"]);
    expect(records[0]?.body).toMatchObject({
      ...{ actor: { id: approver.id }, outcome: "allow" },
      details: { score: 0.9, computed: 0, requestedBy: asker.id, digest: asked.digest, stepUp: "totp" },
    });
  });

  it("opens a MEDIUM scope that the computed trust does not, and the token's record tells both", async () => {
    const agent = await makeAgent(test.db);
    const scope = "transactions:modify";
    await giveApproved(test.db, { agent: agent.name, scope, seconds: 3_600, now: NOW });
    const ask = (now: Date) =>
      test.db.transaction((tx) =>
        issueToken(tx, {
          agentId: agent.id,
          requested: [scope],
          thumbprint: "x",
          boundUntil: later(DAY),
          now,
        }),
      );
    expect((await ask(NOW)).refused).toMatchObject([{ rule: "trust_too_low" }]);
    const asked = await request(agent.name, { score: 0.81 });
    await decide(asked);
    expect((await ask(later(1))).token?.scopes).toEqual([scope]);
    const [record] = await recordsOf(test.db, agent.id);
    expect(record?.body.details).toMatchObject({
      trust: { score: 0.81, computed: 0, override: { id: asked.id } },
    });
    await endTrustOverride(ctx(approver, later(2)), { id: asked.id, reason: "No longer needed" });
    expect((await ask(later(3))).token).toBeNull();
  });

  it("never lifts an agent that is contained after it, and lowers one that is well known", async () => {
    const agent = await makeAgent(test.db);
    await decide(await request(agent.name));
    await test.db.update(agents).set({ status: "contained" }).where(eq(agents.id, agent.id));
    expect(await trust(agent.id, later(1))).toMatchObject({ score: 0, override: null });
    const owned = await makeAgent(test.db, { ownerId: asker.id });
    expect((await trust(owned.id)).score).toBe(0.05);
    await decide(await request(owned.name, { score: 0 }));
    expect(await trust(owned.id, later(1))).toMatchObject({ score: 0, computed: 0.05 });
  });

  it("replaces the one that counted before, which ends then", async () => {
    const agent = await makeAgent(test.db);
    const first = await request(agent.name);
    await decide(first);
    const second = await request(agent.name, { score: 0.3, now: later(10) });
    await decide(second, { now: later(20) });
    expect(await rowOf(first.id)).toMatchObject({ endsAt: later(20), endedBy: approver.id });
    expect((await trust(agent.id, later(21))).score).toBe(0.3);
  });

  it("is one request at a time for an agent, also of many that ask at once", async () => {
    const agent = await makeAgent(test.db);
    const all = await Promise.allSettled(Array.from({ length: 6 }, () => request(agent.name)));
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const one of all)
      if (one.status === "rejected")
        expect(one.reason).toMatchObject({ code: "override_pending", status: 409 });
  });

  it.each([
    { durationSeconds: 7 * DAY + 1 },
    { durationSeconds: 599 },
    { score: 1.01 },
    { score: -0.01 },
    { score: 0.855 },
    { score: Number.NaN },
  ])("is not asked for beyond its bounds: %o", async (terms) => {
    const agent = await makeAgent(test.db);
    await expect(request(agent.name, terms)).rejects.toThrow();
    expect(await test.db.select().from(trustOverrides).where(eq(trustOverrides.agentId, agent.id))).toEqual(
      [],
    );
  });
});

describe("four eyes", () => {
  const refusedAs = (check: string) => ({ code: "override_refused", facts: { check } });
  const both: Role[] = ["analyst", "approver"];

  it("whoever asked does not decide, under no account of theirs, and the refusal is a record", async () => {
    const agent = await makeAgent(test.db);
    const self = await makePerson(test.db, both, `self-${agent.name}@bank.example`);
    const asked = await request(agent.name, { by: self });
    const alias = await makePerson(test.db, both, `Self-${agent.name}+two@BANK.example`);
    for (const by of [self, alias])
      for (const decision of ["approve", "deny"] as const)
        await expect(decide(asked, { by, decision })).rejects.toMatchObject(refusedAs("not-requester"));
    expect(await rowOf(asked.id)).toMatchObject({ status: "pending", decidedBy: null });
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "trust.override_decision_refused", outcome: "deny" });
  });

  it("the agent's owner does not decide", async () => {
    const agent = await makeAgent(test.db, { ownerId: approver.id });
    await expect(decide(await request(agent.name))).rejects.toMatchObject(refusedAs("not-owner"));
  });

  it("an API key, a session without a second factor and an agent decide nothing", async () => {
    const agent = await makeAgent(test.db);
    const asked = await request(agent.name);
    for (const by of [
      { ...approver, sessionId: null },
      { ...approver, apiKeyId: "k" },
    ])
      await expect(decide(asked, { by })).rejects.toMatchObject(refusedAs("in-person"));
    await expect(decide(asked, { stepUp: "" })).rejects.toMatchObject({ code: "override_refused" });
    const itself: Actor = { type: "agent", id: agent.id, name: agent.name, did: agent.did };
    await expect(decide(asked, { by: itself })).rejects.toMatchObject({ code: "not_permitted" });
    await expect(request(agent.name, { by: itself })).rejects.toMatchObject({ code: "not_permitted" });
    await expect(request(agent.name, { by: { type: "system", id: "x" } })).rejects.toMatchObject({
      code: "not_a_person",
    });
  });

  it("one who lost the role or the account since signing in does not decide", async () => {
    const agent = await makeAgent(test.db);
    const asked = await request(agent.name);
    const demoted = await makePerson(test.db, ["approver"]);
    await test.db.update(users).set({ roles: "analyst" }).where(eq(users.id, demoted.id));
    await expect(decide(asked, { by: demoted })).rejects.toMatchObject(refusedAs("may-decide"));
    const disabled = await makePerson(test.db, ["approver"]);
    await test.db.update(users).set({ disabledAt: NOW }).where(eq(users.id, disabled.id));
    await expect(decide(asked, { by: disabled })).rejects.toMatchObject(refusedAs("may-decide"));
  });

  it("a decision is for what was shown: another digest, and a row that was altered since, are refused", async () => {
    const agent = await makeAgent(test.db);
    const asked = await request(agent.name);
    const other = await request((await makeAgent(test.db)).name);
    await expect(decide(asked, { digest: other.digest })).rejects.toMatchObject({
      ...refusedAs("same-request"),
      status: 409,
    });
    await test.asSuper(async (client) => {
      await client.query("set session_replication_role = replica");
      await client.query("update trust_overrides set score = 1 where id = $1", [asked.id]);
    });
    await expect(decide(asked)).rejects.toMatchObject(refusedAs("same-request"));
  });

  it("a decided, ended or overdue request is not decided again; of several at once one counts", async () => {
    const agent = await makeAgent(test.db);
    const asked = await request(agent.name);
    const others = await Promise.all([1, 2, 3].map(() => makePerson(test.db, ["approver"])));
    const all = await Promise.allSettled(
      [approver, ...others].flatMap((by) => [decide(asked, { by }), decide(asked, { by, decision: "deny" })]),
    );
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const one of all)
      if (one.status === "rejected") expect(one.reason).toMatchObject({ ...refusedAs("open"), status: 409 });
    const decisions = (await recordsOf(test.db, agent.id)).filter(({ kind }) => /approved|denied/.test(kind));
    expect(decisions).toHaveLength(1);
    const late = await request((await makeAgent(test.db)).name);
    await expect(decide(late, { now: later(DAY) })).rejects.toMatchObject(refusedAs("open"));
  });

  it("a contained agent's is not approved, and may be denied", async () => {
    const agent = await makeAgent(test.db);
    const asked = await request(agent.name);
    await test.db.update(agents).set({ status: "contained" }).where(eq(agents.id, agent.id));
    await expect(decide(asked)).rejects.toMatchObject({ ...refusedAs("agent-in-service"), status: 409 });
    expect(await decide(asked, { decision: "deny" })).toEqual({ status: "denied", endsAt: null });
  });

  it.each(ROLES)("%s may do of it what the table says, and nothing else", async (role) => {
    const person = await makePerson(test.db, [role]);
    const agent = await makeAgent(test.db);
    const code = async (work: Promise<unknown>) =>
      work.then(
        () => "done",
        (error) => error.code,
      );
    const may = { ask: ["analyst", "admin"], decide: ["approver"], end: ["analyst", "approver", "admin"] };
    const expected = (of: readonly string[]) => (of.includes(role) ? "done" : "not_permitted");
    expect(await code(request(agent.name, { by: person }))).toBe(expected(may.ask));
    const asked = await request((await makeAgent(test.db)).name);
    expect(await code(decide(asked, { by: person }))).toBe(expected(may.decide));
    const counting = await request((await makeAgent(test.db)).name);
    await decide(counting);
    expect(await code(endTrustOverride(ctx(person, later(1)), { id: counting.id, reason: "Over" }))).toBe(
      expected(may.end),
    );
  });

  it("the viewer is told why they may not decide", async () => {
    const agent = await makeAgent(test.db);
    await request(agent.name);
    const seen = async (by: Operator) => (await listTrustOverrides(ctx(by), { name: agent.name }))[0];
    expect(await seen(approver)).toMatchObject({
      state: "pending",
      requesterName: asker.email,
      mayDecide: { allowed: true },
    });
    const mine = (await seen(asker))?.mayDecide;
    expect(mine?.allowed).toBe(false);
    expect(mine?.checks.filter((check) => !check.passed).map((check) => check.id)).toEqual([
      "may-decide",
      "not-requester",
    ]);
    const nobody = { ...asker, roles: [] };
    await expect(listTrustOverrides(ctx(nobody), { name: agent.name })).rejects.toMatchObject({
      code: "not_permitted",
    });
  });
});

describe("its end", () => {
  it("comes at once by either side, once, and a request is withdrawn by it", async () => {
    const agent = await makeAgent(test.db);
    const first = await request(agent.name);
    await endTrustOverride(ctx(asker), { id: first.id, reason: "Asked too soon" });
    expect(await rowOf(first.id)).toMatchObject({ status: "withdrawn" });
    await expect(decide(first)).rejects.toMatchObject({ code: "override_refused" });
    const second = await request(agent.name);
    await decide(second);
    const end = () => endTrustOverride(ctx(approver, later(5)), { id: second.id, reason: "Seen enough" });
    const all = await Promise.allSettled([end(), end(), end()]);
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await trust(agent.id, later(5))).override).toBeNull();
    await expect(end()).rejects.toMatchObject({ code: "override_over" });
    await expect(endTrustOverride(ctx(asker), { id: randomUUID(), reason: "None" })).rejects.toMatchObject({
      code: "override_unknown",
    });
  });

  it("is written down once when time alone brings it, for requests and for those that counted", async () => {
    const [asks, counts] = [await makeAgent(test.db), await makeAgent(test.db)];
    const pending = await request(asks.name);
    const counting = await request(counts.name);
    await decide(counting);
    const expire = (now: Date) => test.db.transaction((tx) => expireTrustOverrides(tx, { now }));
    while ((await expire(later(3_599))) > 0);
    expect((await rowOf(counting.id))?.endedBy).toBeNull();
    while ((await expire(later(DAY))) > 0);
    while ((await expire(later(DAY + 1))) > 0);
    expect(await rowOf(pending.id)).toMatchObject({ status: "expired" });
    expect(await rowOf(counting.id)).toMatchObject({
      status: "approved",
      endedBy: "trust",
      endsAt: later(3_600),
    });
    const kinds = async (id: string) => (await recordsOf(test.db, id)).map(({ kind }) => kind);
    expect(await kinds(asks.id)).toEqual(["trust.override_expired", "trust.override_requested"]);
    expect((await kinds(counts.id)).filter((kind) => kind === "trust.override_ended")).toHaveLength(1);
  });

  it("of an unanswered request makes room for the next", async () => {
    const agent = await makeAgent(test.db);
    const first = await request(agent.name);
    const second = await request(agent.name, { now: later(DAY) });
    expect((await rowOf(first.id))?.status).toBe("expired");
    expect((await rowOf(second.id))?.status).toBe("pending");
  });
});

describe("the database itself", () => {
  let [a, b, c] = ["", "", ""];
  beforeAll(async () => {
    const people = await Promise.all([1, 2, 3].map(() => makePerson(test.db, [])));
    [a = "", b = "", c = ""] = people.map(({ id }) => id);
  });
  const row = async (as: Partial<typeof trustOverrides.$inferInsert> = {}) => ({
    ...{ id: randomUUID(), agentId: (await makeAgent(test.db)).id, score: 0.9, durationSeconds: 600 },
    ...{ reason: "x", digest: "d", requestedBy: a, requestedAt: NOW, openUntil: later(DAY) },
    ...as,
  });
  const decidedBy = (who: string) => ({
    ...{ status: "approved", decidedBy: who, decidedAt: NOW, stepUp: "totp", endsAt: later(600) },
  });
  const write = (id: string, as: Partial<typeof trustOverrides.$inferInsert>) =>
    test.db.update(trustOverrides).set(as).where(eq(trustOverrides.id, id));

  it("refuses one that begins approved, or lasts over a week", async () => {
    for (const as of [decidedBy(b), { durationSeconds: 7 * DAY + 1 }, { score: 1.1 }, { endsAt: later(1) }])
      await expect(
        test.db.insert(trustOverrides).values(await row(as)),
        JSON.stringify(as),
      ).rejects.toThrow();
  });

  it("refuses a decision by who asked, without a second factor, too late, or for longer than was asked", async () => {
    const one = await row();
    await test.db.insert(trustOverrides).values(one);
    for (const as of [
      { decidedBy: a },
      { stepUp: null },
      { endsAt: null },
      { endsAt: later(601) },
      { decidedAt: later(DAY), endsAt: later(DAY + 1) },
    ])
      await expect(write(one.id, { ...decidedBy(b), ...as }), JSON.stringify(as)).rejects.toThrow();
    await write(one.id, decidedBy(b));
  });

  it("refuses to change a decision, to lengthen it, to end it twice, to touch its terms, and to take it away", async () => {
    const one = await row();
    await test.db.insert(trustOverrides).values(one);
    await write(one.id, decidedBy(b));
    for (const as of [
      { status: "denied" },
      { status: "pending" },
      { decidedBy: c },
      { endsAt: later(601) },
      { endsAt: null },
      { score: 1 },
      { durationSeconds: 60_000 },
      { requestedBy: c },
    ])
      await expect(write(one.id, as), JSON.stringify(as)).rejects.toThrow();
    await write(one.id, { endsAt: later(5), endedBy: c });
    await expect(write(one.id, { endsAt: later(4), endedBy: b })).rejects.toThrow();
    await expect(test.db.delete(trustOverrides).where(eq(trustOverrides.id, one.id))).rejects.toThrow();
  });

  it("refuses a second one that counts for the same agent", async () => {
    const one = await row();
    await test.db.insert(trustOverrides).values(one);
    await write(one.id, decidedBy(b));
    const two = await row({ agentId: one.agentId });
    await test.db.insert(trustOverrides).values(two);
    await expect(write(two.id, decidedBy(b))).rejects.toThrow();
    await write(one.id, { endsAt: NOW, endedBy: c });
    await write(two.id, decidedBy(b));
  });
});
