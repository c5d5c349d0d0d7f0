import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { approvals, approvalVotes, grants } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { approvalDigest } from "./engine/approval-digest.ts";
import { ensureDefaultPolicy } from "./ensure-default-policy.ts";
import { listGrants } from "./list-grants.ts";
import { readApproval } from "./read-approval.ts";
import { requestApproval } from "./request-approval.ts";
import type { AgentRow } from "./store.ts";
import { usd, writeAmountsPolicy } from "./testing/amounts-policy.ts";
import { giveApproved } from "./testing/give-approved.ts";
import { later, makeAgent, makePerson, NOW, type Operator, recordsOf } from "./testing/people-and-agents.ts";
import { voteOnApproval } from "./vote-on-approval.ts";

const SCOPE = "payments:execute";
let test: TestDatabase;
let analyst: Operator;
let first: Operator;
let second: Operator;
let agent: AgentRow;
/** Holds the scope since before the policy knew of sums. */
let unlimited: AgentRow;
const as = (actor: VerbContext["actor"], now = NOW): VerbContext => ({ db: test.db, actor, now });

beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
  unlimited = await makeAgent(test.db);
  await giveApproved(test.db, { agent: unlimited.name, scope: SCOPE, seconds: 60, now: NOW });
  await writeAmountsPolicy(test.db);
  analyst = await makePerson(test.db, ["analyst"]);
  first = await makePerson(test.db, ["approver"]);
  second = await makePerson(test.db, ["approver"]);
});
afterAll(() => test.close());
beforeEach(async () => {
  agent = await makeAgent(test.db);
});

type Asked = { id: string; digest: string; votesNeeded: number };

async function ask(limits: object | null, more: object = {}, now = NOW): Promise<Asked> {
  const { approvalId } = await requestApproval(as(analyst, now), {
    ...{ agent: agent.name, scope: SCOPE, durationSeconds: 3_600, reason: "Month end run" },
    limits: limits as never,
    ...more,
  });
  return readApproval(as(first, now), approvalId);
}

function approve(asked: Asked, by: Operator, limits?: object, now = NOW) {
  const vote = { id: asked.id, digest: asked.digest, vote: "approve" as const, reason: "Checked it" };
  return voteOnApproval(as(by, now), { ...vote, ...(limits ? { limits: limits as never } : {}) }, "totp");
}

function deny({ id, digest }: Asked, now = NOW) {
  return voteOnApproval(as(first, now), { id, digest, vote: "deny", reason: "No ticket" }, "totp");
}

const grantOf = async ({ id }: Asked) =>
  (await test.db.select().from(grants).where(eq(grants.approvalId, id)))[0];

describe("asking for a scope that moves money", () => {
  it.each<[string, object | null, string]>([
    ["without limits", null, "amount_unstated"],
    ["without a sum", { resources: ["/accounts/17/*"] }, "amount_unstated"],
    ["in another currency", { amount: { max: "1", currency: "EUR" } }, "amount_currency"],
    ["for more than the policy gives", usd("10000.0001"), "amount_too_high"],
  ])("%s is refused in words, and opens nothing", async (_what, limits, code) => {
    await expect(ask(limits)).rejects.toMatchObject({ code, status: 400 });
    expect(await test.db.select().from(approvals).where(eq(approvals.agentId, agent.id))).toEqual([]);
  });

  it("keeps the limits with the request, on record and under its digest", async () => {
    const limits = { ...usd("5000.00"), resources: ["/accounts/17/*"] };
    const { id, digest } = await ask(limits, { resource: "batch 7" });
    const [row] = await test.db.select().from(approvals).where(eq(approvals.id, id));
    expect(row).toMatchObject({ limits, resource: "batch 7", votesNeeded: 1 });
    expect(row && approvalDigest(row)).toBe(digest);
    expect(row && approvalDigest({ ...row, limits: null })).not.toBe(digest);
    expect(await readApproval(as(first), id)).toMatchObject({ limits });
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "approval.requested", body: { details: { limits, digest } } });
  });

  it("may limit a scope that is not about sums, too", async () => {
    const asked = await ask({ resources: ["customer-9"] }, { scope: "customer:sensitive_data" });
    await approve(asked, first);
    expect(await grantOf(asked)).toMatchObject({ limits: { resources: ["customer-9"] } });
  });
});

describe("a vote on limits", () => {
  const asked = { ...usd("5000.00"), resources: ["/accounts/17/*", "/accounts/18/*"] };

  it("that says nothing of them gives those asked for, shown with the grant", async () => {
    const request = await ask(asked);
    await approve(request, first);
    expect(await grantOf(request)).toMatchObject({ limits: asked });
    expect(await listGrants(as(first), { agent: agent.name })).toMatchObject([{ limits: asked }]);
  });

  it("may narrow them: the grant is for what the approver agreed to, and the record says so", async () => {
    const request = await ask(asked);
    const narrowed = { ...usd("100.00"), resources: ["/accounts/17/*"] };
    await approve(request, first, narrowed);
    expect(await grantOf(request)).toMatchObject({ limits: narrowed });
    const [vote] = await test.db.select().from(approvalVotes).where(eq(approvalVotes.approvalId, request.id));
    expect(vote).toMatchObject({ limits: narrowed });
    const [granted] = await recordsOf(test.db, agent.id);
    const [row] = await test.db.select().from(approvals).where(eq(approvals.id, request.id));
    const grantedDigest = row && approvalDigest({ ...row, limits: narrowed });
    expect(granted).toMatchObject({
      kind: "grant.approved",
      body: { details: { limits: narrowed, requestDigest: request.digest, grantedDigest } },
    });
  });

  it.each<[string, object]>([
    ["a larger sum", { ...asked, ...usd("5000.01") }],
    ["another currency", { ...asked, amount: { max: "1", currency: "EUR" } }],
    ["another account", { ...asked, resources: ["/accounts/19/*"] }],
    ["no sum", { resources: asked.resources }],
    ["no resources", usd("5000")],
    ["nothing at all", {}],
  ])("never widens them: %s", async (_what, limits) => {
    const request = await ask(asked);
    await expect(approve(request, first, limits)).rejects.toMatchObject({
      ...{ code: "vote_refused", facts: { check: "not-wider" } },
    });
    expect(await grantOf(request)).toBeUndefined();
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "approval.vote_refused", outcome: "deny" });
  });

  it("of several people gives what all of them agreed to", async () => {
    const request = await ask({ ...asked, ...usd("7000") });
    expect(request.votesNeeded).toBe(2);
    await approve(request, first, { ...usd("6500.00"), resources: ["/accounts/17/*"] });
    await approve(request, second, { ...usd("7000"), resources: ["/accounts/17/a", "/accounts/18/*"] });
    expect(await grantOf(request)).toMatchObject({
      limits: { ...usd("6500.00"), resources: ["/accounts/17/a"] },
    });
  });

  it("that shares nothing with what another agreed to does not count, and a better one does", async () => {
    const request = await ask({ ...asked, ...usd("7000") });
    await approve(request, first, { ...usd("7000"), resources: ["/accounts/17/*"] });
    const other = { ...usd("7000"), resources: ["/accounts/18/*"] };
    await expect(approve(request, second, other)).rejects.toMatchObject({
      ...{ code: "vote_refused", status: 409, facts: { check: "limits-agree" } },
    });
    await expect(approve(request, second)).resolves.toMatchObject({ status: "approved" });
    expect(await grantOf(request)).toMatchObject({ limits: { resources: ["/accounts/17/*"] } });
  });

  it.each<[string, string]>([
    [
      "a larger sum",
      `{"amount":{"max":"9000","currency":"USD"},"resources":["/accounts/17/*","/accounts/18/*"]}`,
    ],
    ["no limits", "null"],
    ["limits that cannot be read", `{"amount":{"max":5000,"currency":"USD"}}`],
  ])("counts for nothing once the request was changed in the database to %s", async (_what, altered) => {
    const request = await ask({ ...asked, ...usd("7000") });
    await approve(request, first);
    const change = "update approvals set limits = nullif($2::jsonb, 'null') where id = $1";
    await test.asSuper((client) => client.query(change, [request.id, altered]));
    await expect(approve(request, second)).rejects.toMatchObject({ facts: { check: "same-request" } });
    expect(await grantOf(request)).toBeUndefined();
  });

  it("is not changed by the application afterwards, nor are a request's or a grant's limits", async () => {
    for (const table of ["approvals", "approval_votes", "grants"])
      await expect(test.db.execute(`update ${table} set limits = null`)).rejects.toMatchObject({
        cause: { code: "42501" },
      });
  });
});

describe("a sum that is split", () => {
  it("is one person's decision up to the edge, and two people's beyond it", async () => {
    expect(await ask(usd("6000"))).toMatchObject({ votesNeeded: 1 });
    expect(await ask(usd("0.01"), { resource: "the rest" })).toMatchObject({ votesNeeded: 2 });
    const [record] = await recordsOf(test.db, agent.id);
    expect(record?.body.details).toMatchObject({ escalated: expect.stringContaining("6000.01 USD") });
  });

  it("counts what was given within the time, ended and revoked ones too, and nothing older", async () => {
    await approve(await ask(usd("4000")), first);
    await test.db.update(grants).set({ revokedAt: NOW }).where(eq(grants.agentId, agent.id));
    const more = (now: Date, resource: string) => ask(usd("3000"), { resource }, now);
    const soon = await more(later(3_599), "soon");
    expect(soon).toMatchObject({ votesNeeded: 2 });
    await deny(soon, later(3_599));
    expect(await more(later(3_600), "late")).toMatchObject({ votesNeeded: 1 });
  });

  it("does not count what was denied, what ended unanswered, or another scope's and another agent's", async () => {
    const denied = await ask(usd("5000"));
    await deny(denied);
    await ask(usd("5000"), { resource: "unanswered" });
    const own = agent;
    agent = await makeAgent(test.db);
    await ask(usd("5000"));
    agent = own;
    expect(await ask(usd("5000"), { resource: "new" }, later(9 * 3_600))).toMatchObject({ votesNeeded: 1 });
  });

  it("is counted over an agent's parents, children and siblings together", async () => {
    const eldest = agent;
    const cover = (of: AgentRow) =>
      giveApproved(test.db, {
        ...{ agent: of.name, scope: SCOPE, seconds: 14_400, now: later(-7_200), limits: usd("1000") },
      });
    await cover(eldest);
    const child = await makeAgent(test.db, { parentId: eldest.id });
    const sibling = await makeAgent(test.db, { parentId: eldest.id });
    await cover(child);
    const grandchild = await makeAgent(test.db, { parentId: child.id });
    for (const [one, needed] of [
      [grandchild, 1],
      [sibling, 1],
      [child, 1],
      [eldest, 2],
    ] as const) {
      agent = one;
      expect(await ask(usd("2000"))).toMatchObject({ votesNeeded: needed });
    }
  });

  it("counts a grant of the scope without a sum as more than anything", async () => {
    agent = unlimited;
    expect(await ask(usd("1"))).toMatchObject({ votesNeeded: 2 });
  });

  it("into two requests that were opened at once is judged again at the vote: neither is one person's", async () => {
    const both = await Promise.all([
      ask(usd("3500"), { resource: "one" }),
      ask(usd("3500"), { resource: "other" }),
    ]);
    for (const { id } of both)
      expect(await readApproval(as(first), id)).toMatchObject({
        ...{ votesNeeded: 2, escalation: expect.stringContaining("7000.00 USD, more than 6000 USD") },
      });
    const votes = await Promise.all(both.map((asked) => approve(asked, first)));
    for (const vote of votes) expect(vote).toMatchObject({ status: "pending", votes: 1, votesNeeded: 2 });
    for (const asked of both) expect(await grantOf(asked)).toBeUndefined();
    for (const asked of both)
      expect(await approve(asked, second)).toMatchObject({ status: "approved", votes: 2 });
  });

  it("and is decided by more people stays so when the other request is gone: nothing waits for ever", async () => {
    const asked = await ask(usd("3500"), { resource: "one" });
    const other = await ask(usd("3500"), { resource: "other" });
    expect(await approve(asked, first)).toMatchObject({ status: "pending", votesNeeded: 2 });
    const { id, digest } = other;
    await voteOnApproval(as(second), { id, digest, vote: "deny", reason: "No ticket" }, "totp");
    expect(await readApproval(as(second), asked.id)).toMatchObject({ votesNeeded: 2 });
    expect(await approve(asked, second)).toMatchObject({ status: "approved", votes: 2 });
  });

  it("into a request that was opened after a vote below the edge is not overtaken by it", async () => {
    const small = await ask(usd("3500"), { resource: "one" });
    await approve(small, first);
    const rest = await ask(usd("3500"), { resource: "other" });
    expect(await approve(rest, first)).toMatchObject({ status: "pending", votesNeeded: 2 });
  });

  it("into twenty requests voted on at once never comes to more than the edge by single votes", async () => {
    const asked = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ask(usd("500"), { resource: `part ${n}` })),
    );
    await Promise.all(asked.map((one) => approve(one, first)));
    const given = await test.db.select().from(grants).where(eq(grants.agentId, agent.id));
    expect(given.length * 500).toBeLessThanOrEqual(6_000);
  });
});
