import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  accessTokens,
  agents,
  alerts,
  breakGlassUses,
  destinations,
  grants,
  outbox,
  users,
} from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { issueToken } from "../layers/authorization/issue-token.ts";
import { listBreakGlass } from "../layers/authorization/list-break-glass.ts";
import { listGrants } from "../layers/authorization/list-grants.ts";
import { listLiveGrants } from "../layers/authorization/list-live-grants.ts";
import { offerBreakGlass } from "../layers/authorization/offer-break-glass.ts";
import { revokeGrant } from "../layers/authorization/revoke-grant.ts";
import {
  later,
  makeAgent,
  makePerson,
  NOW,
  type Operator,
  recordsOf,
  SYSTEM,
} from "../layers/authorization/testing/people-and-agents.ts";
import { writePolicy } from "../layers/authorization/testing/write-policy.ts";
import { breakGlass } from "./break-glass.ts";
import { reviewBreakGlass } from "./review-break-glass.ts";

const SCOPE = "payments:execute";
const REASON = "Payments stand still and nobody else is awake";
const REVIEW_SECONDS = 86_400;

let test: TestDatabase;
let named: Operator;
let reviewer: Operator;
let agent: Awaited<ReturnType<typeof makeAgent>>;
const as = (actor: Operator, now = NOW) => ({ db: test.db, actor, now });

const rule = (...people: Operator[]) => ({
  breakGlass: {
    people: people.map(({ id }) => id),
    secondsMax: 1_800,
    reviewWithinSeconds: REVIEW_SECONDS,
  },
});

function smash(by: Operator = named, over: object = {}, now = NOW, stepUp = "totp") {
  const wish = { agent: agent.name, scope: SCOPE, durationSeconds: 600, reason: REASON, ...over };
  return breakGlass(as(by, now), wish, stepUp);
}
function review(id: string, by: Operator = reviewer, verdict: "justified" | "not-justified" = "justified") {
  return reviewBreakGlass(as(by, later(60)), { id, verdict, reason: "Asked and heard" }, "totp");
}
const refusedBy = (check: string) => ({ code: "break_glass_refused", facts: { check } });
const alertsOf = (agentId: string) => test.db.select().from(alerts).where(eq(alerts.agentId, agentId));
const usesOf = (agentId: string) =>
  test.db.select().from(breakGlassUses).where(eq(breakGlassUses.agentId, agentId));

beforeAll(async () => {
  test = await createTestDatabase();
  await test.db.insert(destinations).values({
    ...{ id: uuidv7(NOW.getTime()), name: "Pager", kind: "webhook", url: "https://pager.bank.example/in" },
    ...{ secretSealed: Buffer.from("x"), createdAt: NOW },
  });
  reviewer = await makePerson(test.db, ["approver"]);
});
afterAll(() => test.close());
beforeEach(async () => {
  named = await makePerson(test.db, ["analyst"]);
  agent = await makeAgent(test.db);
  await writePolicy(test.db, rule(named));
});

describe("breaking glass", () => {
  it("gives the scope for the time asked, records it, raises a critical alert and pages, all at once", async () => {
    const answer = await smash();
    expect(answer).toMatchObject({ endsAt: later(600), reviewDueAt: later(REVIEW_SECONDS) });
    const [grant] = await test.db.select().from(grants).where(eq(grants.agentId, agent.id));
    expect(grant).toMatchObject({
      ...{ id: answer.grantId, breakGlassId: answer.breakGlassId, approvalId: null },
      ...{ grantedBy: named.id, expiresAt: later(600) },
    });
    const records = await recordsOf(test.db, agent.id);
    expect(records.find(({ kind }) => kind === "break_glass.used")).toMatchObject({
      outcome: "allow",
      body: { grantIds: [answer.grantId], details: { reason: REASON, stepUp: "totp", scope: SCOPE } },
    });
    expect(await alertsOf(agent.id)).toMatchObject([{ severity: "critical", kind: "authorization" }]);
    const sent = await test.db.select().from(outbox).where(eq(outbox.topic, "break_glass.used"));
    expect(sent.map(({ body }) => body)).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ breakGlassId: answer.breakGlassId }) }),
    );
  });

  it("gives the agent a token until the grant's end and not after", async () => {
    await smash();
    const ask = { agentId: agent.id, requested: [SCOPE], thumbprint: "t", boundUntil: later(9_999) };
    const token = (now: Date) => test.db.transaction((tx) => issueToken(tx, { ...ask, now }));
    expect((await token(later(1))).token).toMatchObject({ scopes: [SCOPE], expiresAt: later(600) });
    expect((await token(later(600))).refused).toMatchObject([{ rule: "approval_needed" }]);
  });

  it("is shown for what it is wherever the grant is shown: nobody stands there as an approver", async () => {
    const { breakGlassId } = await smash();
    expect(await listGrants(as(reviewer, later(1)), { agent: agent.name })).toMatchObject([
      { breakGlassId, approvalId: null },
    ]);
    const { grants: live } = await listLiveGrants(as(reviewer, later(1)), { by: "break-glass" });
    expect(live.find((one) => one.breakGlassId === breakGlassId)).toMatchObject({
      ...{ by: "break-glass", reason: REASON, grantedByPeople: [{ userId: named.id }] },
    });
  });

  it("ends with the revocation of its grant, and the token with it", async () => {
    const { grantId } = await smash();
    const ask = {
      agentId: agent.id,
      requested: [SCOPE],
      thumbprint: "t",
      boundUntil: later(9_999),
      now: NOW,
    };
    await test.db.transaction((tx) => issueToken(tx, ask));
    await revokeGrant(as(reviewer, later(5)), { grantId, reason: "It is over" });
    const [token] = await test.db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
    expect(token?.revokedAt).toEqual(later(5));
    await expect(smash(named, {}, later(6))).rejects.toMatchObject(refusedBy("last-one-reviewed"));
  });

  it("happens once, of fifty at once", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => smash()));
    expect(outcomes.filter((it) => it.status === "fulfilled")).toHaveLength(1);
    for (const it of outcomes)
      if (it.status === "rejected")
        expect(it.reason).toMatchObject({ status: 409, ...refusedBy("not-yet-broken") });
    expect(await usesOf(agent.id)).toHaveLength(1);
    expect(await test.db.select().from(grants).where(eq(grants.agentId, agent.id))).toHaveLength(1);
  });

  it("for a child ends with what its parent holds, and is nothing where its parent holds nothing", async () => {
    const parent = agent;
    const child = await makeAgent(test.db, { parentId: parent.id });
    const asChild = { agent: child.name };
    await expect(smash(named, asChild)).rejects.toMatchObject(refusedBy("covered-by-parent"));
    await smash(named, { durationSeconds: 300 });
    await expect(smash(named, asChild)).resolves.toMatchObject({ endsAt: later(300) });
  });
});

describe("glass is not broken", () => {
  it("by whoever lacks the permission, a duty, or without a second factor", async () => {
    const auditor = await makePerson(test.db, ["auditor"]);
    await expect(smash(auditor)).rejects.toMatchObject({ code: "not_permitted" });
    await expect(smash(SYSTEM as never)).rejects.toMatchObject({ code: "break_glass_refused" });
    await expect(smash(named, {}, NOW, "")).rejects.toMatchObject({ code: "break_glass_refused" });
  });

  it("by anybody where the list is empty: empty means nobody", async () => {
    await writePolicy(test.db, rule());
    const everybody = await makePerson(test.db, ["analyst", "approver", "compliance", "auditor", "admin"]);
    for (const person of [named, everybody])
      await expect(smash(person)).rejects.toMatchObject(refusedBy("named-in-policy"));
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "break_glass.refused", outcome: "deny" });
    expect(await usesOf(agent.id)).toEqual([]);
  });

  it("by somebody who was taken off the list, demoted or disabled since they signed in", async () => {
    await test.db.update(users).set({ roles: "auditor" }).where(eq(users.id, named.id));
    await expect(smash()).rejects.toMatchObject(refusedBy("may-break-glass"));
    await test.db.update(users).set({ roles: "analyst", disabledAt: NOW }).where(eq(users.id, named.id));
    await expect(smash()).rejects.toMatchObject(refusedBy("may-break-glass"));
    await test.db.update(users).set({ disabledAt: null }).where(eq(users.id, named.id));
    await writePolicy(test.db, rule(reviewer));
    await expect(smash()).rejects.toMatchObject(refusedBy("named-in-policy"));
  });

  it("by an API key of somebody named", async () => {
    const byKey = { ...named, sessionId: null, apiKeyId: "key" };
    await expect(smash(byKey)).rejects.toMatchObject(refusedBy("in-person"));
  });

  it("by the owner of the agent, under any of their accounts, or while the owner cannot be found", async () => {
    const [local, domain] = named.email.split("@");
    const other = await makePerson(test.db, ["analyst"], `${local?.toUpperCase()}+own@${domain}`);
    for (const ownerId of [named.id, other.id, "gone"]) {
      await test.db.update(agents).set({ ownerId }).where(eq(agents.id, agent.id));
      await expect(smash(), ownerId).rejects.toMatchObject(refusedBy("not-owner"));
    }
  });

  it("for a base scope, an unknown scope, longer than the policy says, or an agent out of service", async () => {
    await expect(smash(named, { scope: "transactions:read" })).rejects.toMatchObject(
      refusedBy("scope-is-given-for-a-time"),
    );
    await expect(smash(named, { scope: "no:such" })).rejects.toMatchObject({ code: "scope_unknown" });
    await expect(smash(named, { durationSeconds: 1_801 })).rejects.toMatchObject(refusedBy("not-too-long"));
    await test.db.update(agents).set({ status: "contained" }).where(eq(agents.id, agent.id));
    await expect(smash()).rejects.toMatchObject({ status: 409, ...refusedBy("agent-in-service") });
  });

  it("for a reason of less than twenty characters, or one of invisible ones", async () => {
    for (const reason of ["short", "x".repeat(19), `${"a".repeat(10)}${"\u200b".repeat(20)}`, " ".repeat(30)])
      await expect(smash(named, { reason }), reason).rejects.toThrow();
  });

  it("is said beforehand, check by check", async () => {
    const offer = (by: Operator) => offerBreakGlass(as(by), { agent: agent.name });
    expect(await offer(named)).toMatchObject({ mayBreak: { allowed: true } });
    const { mayBreak, scopes } = await offer(reviewer);
    expect(mayBreak.checks.filter(({ passed }) => !passed)).toMatchObject([{ id: "named-in-policy" }]);
    expect(scopes.find(({ scope }) => scope === SCOPE)).toMatchObject({ secondsMax: 1_800 });
    expect(scopes.some(({ scope }) => scope === "transactions:read")).toBe(false);
  });
});

describe("the review", () => {
  it("is by somebody else, once, with a reason, and is recorded", async () => {
    const { breakGlassId } = await smash();
    const refused = (check: string) => ({ code: "review_refused", facts: { check } });
    const namedReviews = await makePerson(test.db, ["approver"], `x-${named.email}`);
    await test.db.update(users).set({ roles: "analyst,approver" }).where(eq(users.id, named.id));
    const self = { ...named, roles: ["analyst", "approver"] } as Operator;
    await expect(review(breakGlassId, self)).rejects.toMatchObject(refused("not-user"));
    const [local, domain] = named.email.split("@");
    const second = await makePerson(test.db, ["compliance"], `${local}+c@${domain}`);
    await expect(review(breakGlassId, second)).rejects.toMatchObject(refused("not-user"));
    await test.db.update(agents).set({ ownerId: namedReviews.id }).where(eq(agents.id, agent.id));
    await expect(review(breakGlassId, namedReviews)).rejects.toMatchObject(refused("not-owner"));
    const byKey = { ...reviewer, sessionId: null, apiKeyId: "key" };
    await expect(review(breakGlassId, byKey)).rejects.toMatchObject(refused("in-person"));
    const auditor = await makePerson(test.db, ["auditor"]);
    await expect(review(breakGlassId, auditor)).rejects.toMatchObject({ code: "not_permitted" });
    await expect(review(breakGlassId)).resolves.toEqual({ verdict: "justified" });
    await expect(review(breakGlassId)).rejects.toMatchObject({ status: 409, ...refused("unreviewed") });
    const records = await recordsOf(test.db, agent.id);
    expect(records.map(({ kind }) => kind).filter((kind) => kind.startsWith("break_glass.review"))).toEqual([
      "break_glass.review_refused",
      "break_glass.reviewed",
      ...Array.from({ length: 4 }, () => "break_glass.review_refused"),
    ]);
  });

  it("of many at once is one", async () => {
    const { breakGlassId } = await smash();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => review(breakGlassId)));
    expect(outcomes.filter((it) => it.status === "fulfilled")).toHaveLength(1);
  });

  it("that finds it not justified raises an alert for a decision on an incident", async () => {
    const { breakGlassId } = await smash();
    await review(breakGlassId, reviewer, "not-justified");
    const raised = await alertsOf(agent.id);
    expect(raised.map(({ rule: name }) => name)).toContain(`break-glass-not-justified:${breakGlassId}`);
    const { uses } = await listBreakGlass(as(reviewer, later(99)), { agent: agent.name });
    expect(uses).toMatchObject([{ id: breakGlassId, verdict: "not-justified", review: "in-time" }]);
  });

  it("that is overdue keeps its user, and no one else, from breaking glass again until it is done", async () => {
    const other = await makePerson(test.db, ["analyst"]);
    await writePolicy(test.db, rule(named, other));
    const { breakGlassId } = await smash();
    const due = later(REVIEW_SECONDS);
    await expect(
      smash(named, { scope: "cloud:secrets" }, new Date(due.getTime() - 1)),
    ).resolves.toBeDefined();
    await expect(smash(named, { scope: "cloud:write" }, due)).rejects.toMatchObject(
      refusedBy("reviewed-before"),
    );
    await expect(smash(other, { scope: "cloud:write" }, due)).resolves.toBeDefined();
    await review(breakGlassId);
    await expect(smash(named, {}, due)).resolves.toBeDefined();
  });
});

it("the log says of each use what became of it, page by page, and who may review it", async () => {
  const mine = await smash();
  await smash(named, { scope: "cloud:write" }, later(1));
  const log = (by: Operator, input = {}, now = later(2)) =>
    listBreakGlass(as(by, now), { agent: agent.name, ...input });
  const nobody = await makePerson(test.db, []);
  await expect(log(nobody)).rejects.toMatchObject({ code: "not_permitted" });
  const first = await log(reviewer, { limit: 1 });
  expect(first.uses).toMatchObject([{ scope: "cloud:write", mayReview: { allowed: true } }]);
  const next = await log(reviewer, { limit: 1, cursor: first.nextCursor });
  expect(next).toMatchObject({ uses: [{ id: mine.breakGlassId, review: "waiting" }], nextCursor: null });
  const seen = await log(named, {}, later(REVIEW_SECONDS));
  expect(seen.uses[1]).toMatchObject({ review: "overdue", grant: { live: false }, by: { userId: named.id } });
  expect(seen.uses[1]?.mayReview.checks.filter(({ passed }) => !passed).map(({ id }) => id)).toEqual([
    "may-review",
    "not-user",
  ]);
  await review(mine.breakGlassId);
  expect((await log(reviewer, { show: "unreviewed" })).uses).toHaveLength(1);
  await expect(log(reviewer, { cursor: "x" })).rejects.toMatchObject({ code: "cursor_invalid" });
});
