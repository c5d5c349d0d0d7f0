import { randomUUID } from "node:crypto";
import { eq, type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { agents, approvalVotes, grants, users } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { samePerson } from "../../kernel/same-person.ts";
import { issueToken } from "./issue-token.ts";
import { readApproval } from "./read-approval.ts";
import { requestApproval } from "./request-approval.ts";
import type { ApprovalView } from "./schema.ts";
import type { AgentRow } from "./store.ts";
import { giveApproved } from "./testing/give-approved.ts";
import { later, makeAgent, makePerson, NOW, type Operator } from "./testing/people-and-agents.ts";
import { step, writePolicy } from "./testing/write-policy.ts";
import { voteOnApproval } from "./vote-on-approval.ts";

/** One vote is enough for SCOPE, two are needed for TWO. */
const SCOPE = "payments:execute";
const TWO = "customer:sensitive_data";
const EVERY_ROLE = ["analyst", "approver", "compliance", "auditor", "admin"] as const;

let test: TestDatabase;
let asker: Operator;
let approver: Operator;
let other: Operator;
let agent: AgentRow;
const as = (actor: Operator, now = NOW): VerbContext => ({ db: test.db, actor, now });

beforeAll(async () => {
  test = await createTestDatabase();
  asker = await makePerson(test.db, [...EVERY_ROLE]);
  approver = await makePerson(test.db, ["approver"]);
  other = await makePerson(test.db, ["approver"]);
  await writePolicy(test.db, {
    approverGroups: [{ name: "treasury", title: "Treasury", members: [asker.id, approver.id] }],
    breakGlass: { people: [approver.id], secondsMax: 600, reviewWithinSeconds: 3_600 },
    steps: {
      [TWO]: [step("Approval", ["approvers", 2])],
      "cloud:write": [step("Treasury", ["treasury", 1])],
    },
  });
});
afterAll(() => test.close());
beforeEach(async () => {
  agent = await makeAgent(test.db);
});

async function ask(scope = SCOPE, by = asker, of: AgentRow = agent): Promise<ApprovalView> {
  const wish = { agent: of.name, scope, durationSeconds: 600, reason: "Month end run" };
  const { approvalId } = await requestApproval(as(by), wish);
  return readApproval(as(by), approvalId);
}
function approve({ id, digest }: Pick<ApprovalView, "id" | "digest">, by: Operator, now = NOW) {
  return voteOnApproval(as(by, now), { id, digest, vote: "approve", reason: "Checked it" }, "totp");
}
const refusedBy = (check: string) => ({ code: "vote_refused", facts: { check } });
const grantsOf = (agentId: string) => test.db.select().from(grants).where(eq(grants.agentId, agentId));
const set = (actor: Operator, change: Partial<typeof users.$inferInsert>) =>
  test.db.update(users).set(change).where(eq(users.id, actor.id));
const own = (agentId: string, ownerId: string | null) =>
  test.db.update(agents).set({ ownerId }).where(eq(agents.id, agentId));
const alter = (statement: string, values: unknown[]) =>
  test.asSuper((client) => client.query(statement, values));

describe("a way around four eyes is closed:", () => {
  it("identity lookup fails: nobody is somebody else than an account that is not there", async () => {
    const asked = await ask();
    await alter("update approvals set requested_by = 'gone' where id = $1", [asked.id]);
    await expect(approve(asked, approver)).rejects.toMatchObject(refusedBy("not-requester"));
    await own(agent.id, "gone");
    const next = await ask(TWO);
    await expect(approve(next, approver)).rejects.toMatchObject(refusedBy("not-owner"));
  });

  it("admin exempt: whoever holds every role does not approve what they asked for", async () => {
    await expect(approve(await ask(), asker)).rejects.toMatchObject(refusedBy("not-requester"));
  });

  it("requester inside the approver group: their membership does not make them somebody else", async () => {
    const asked = await ask("cloud:write");
    await expect(approve(asked, asker)).rejects.toMatchObject(refusedBy("not-requester"));
    await expect(approve(asked, other)).rejects.toMatchObject(refusedBy("in-group"));
    await expect(approve(asked, approver)).resolves.toMatchObject({ status: "approved" });
  });

  it("no-access user approves: the database's roles count, not the session's", async () => {
    const asked = await ask();
    const [nobody, admin] = [await makePerson(test.db, []), await makePerson(test.db, ["admin"])];
    for (const person of [nobody, admin]) {
      await expect(approve(asked, person)).rejects.toMatchObject({ code: "not_permitted" });
      const claiming = { ...person, roles: [...EVERY_ROLE] };
      await expect(approve(asked, claiming)).rejects.toMatchObject(refusedBy("may-vote"));
    }
    const stranger = { ...approver, id: randomUUID() };
    await expect(approve(asked, stranger)).rejects.toMatchObject(refusedBy("may-vote"));
  });

  it("case and Unicode names, second account: one mailbox is one person", async () => {
    const name = `müller-${randomUUID()}`;
    const requester = await makePerson(test.db, ["analyst"], `${name}@bank.example`);
    const asked = await ask(SCOPE, requester);
    for (const email of [
      `${name.toUpperCase()}@Bank.Example`,
      `${name}+second@bank.example`,
      `${name}@ｂａｎｋ.example`,
      `${name.normalize("NFD")}@bank.example`,
    ]) {
      const twin = await makePerson(test.db, ["approver"], email);
      await expect(approve(asked, twin), email).rejects.toMatchObject(refusedBy("not-requester"));
      await set(twin, { email: `${randomUUID()}@bank.example` });
    }
  });

  it("own API key: a key has no vote", async () => {
    const asked = await ask();
    const byKey: Operator = { ...approver, sessionId: null, apiKeyId: "key" };
    await expect(approve(asked, byKey)).rejects.toMatchObject(refusedBy("in-person"));
    await expect(approve(asked, { ...approver, apiKeyId: "key" })).rejects.toMatchObject(
      refusedBy("in-person"),
    );
  });

  it("owner approving their own agent, or one below an agent of theirs", async () => {
    const top = await makeAgent(test.db, { ownerId: approver.id });
    const middle = await makeAgent(test.db, { parentId: top.id, ownerId: asker.id });
    const child = await makeAgent(test.db, { parentId: middle.id });
    const now = NOW;
    for (const { name } of [top, middle])
      await giveApproved(test.db, { agent: name, scope: SCOPE, seconds: 3_600, now });
    const someone = await makePerson(test.db, ["analyst"]);
    const above = await ask("transactions:modify", someone, top);
    await expect(approve(above, approver)).rejects.toMatchObject(refusedBy("not-owner"));
    const below = await ask(SCOPE, someone, child);
    await expect(approve(below, approver)).rejects.toMatchObject(refusedBy("not-owner"));
    await expect(approve(below, other)).resolves.toMatchObject({ status: "approved" });
  });

  it("edit after approve: a vote is for the words that were voted on", async () => {
    const asked = await ask(TWO);
    await approve(asked, approver);
    await alter("update approvals set duration_seconds = 9999 where id = $1", [asked.id]);
    await expect(approve(asked, other)).rejects.toMatchObject(refusedBy("same-request"));
    const { digest } = await readApproval(as(other), asked.id);
    await expect(approve({ id: asked.id, digest }, other)).rejects.toMatchObject(refusedBy("same-request"));
    expect(await grantsOf(agent.id)).toEqual([]);
  });

  it("expired, replayed, double vote: each counts for nothing", async () => {
    const asked = await ask(TWO);
    await approve(asked, approver);
    await expect(approve(asked, approver)).rejects.toMatchObject(refusedBy("first-vote"));
    await expect(approve(asked, other, asked.expiresAt)).rejects.toMatchObject(refusedBy("open"));
    const first = await ask();
    await approve(first, approver);
    const again = await ask();
    expect(again.digest).toBe(first.digest);
    expect(again.votes).toEqual([]);
    await expect(approve(first, other)).rejects.toMatchObject(refusedBy("open"));
    expect((await readApproval(as(other), again.id)).status).toBe("pending");
  });

  it("approver demoted before the grant: their vote is gone, and so is that of somebody disabled", async () => {
    for (const change of [{ roles: "analyst" }, { disabledAt: NOW }]) {
      agent = await makeAgent(test.db);
      const asked = await ask(TWO);
      const leaving = await makePerson(test.db, ["approver"]);
      await approve(asked, leaving);
      await set(leaving, change);
      await expect(approve(asked, other)).resolves.toMatchObject({ status: "pending", votes: 1 });
      await expect(approve(asked, approver)).resolves.toMatchObject({ status: "approved", votes: 2 });
    }
  });

  it("delegation loop: an agent asks for itself alone, and no child has what its parent lacks", async () => {
    const child = await makeAgent(test.db, { parentId: agent.id });
    const token = (agentId: string) =>
      test.db.transaction((tx) =>
        issueToken(tx, { agentId, requested: [SCOPE], thumbprint: "t", boundUntil: later(9_999), now: NOW }),
      );
    expect((await token(child.id)).refused).toMatchObject([{ rule: "not_covered_by_parent" }]);
    await expect(ask(SCOPE, asker, child)).rejects.toMatchObject({ code: "not_covered_by_parent" });
    const [opened] = (await token(agent.id)).refused;
    const asked = await readApproval(as(other), opened?.approvalId ?? "");
    expect(asked).toMatchObject({ requestedByType: "agent", agent: { id: agent.id } });
    await approve(asked, other);
    expect((await token(child.id)).token).toBeNull();
    expect(await grantsOf(child.id)).toEqual([]);
  });
});

/** As the application's own role, past every verb. */
const raw = (statement: SQL) => test.db.execute(statement);
const refused = { cause: { code: "23514" } };
const denied = { cause: { code: "42501" } };

it("the database tells people apart exactly as the application does", async () => {
  const locals = ["a", "A", "ä", "Ä", "a\u0308", "ａ", "ﬁ", "fi", "a+b", "A+", "ſ", "s", "İ", "i"];
  const emails = locals.flatMap((local) =>
    ["x.example", "X.example", "ｘ.example"].map((at) => `${local}@${at}`),
  );
  const { rows } = await raw(sql`select a, b, mailbox(a) = mailbox(b) as same
    from unnest(${sql.param(emails)}::text[]) a, unnest(${sql.param(emails)}::text[]) b`);
  expect(rows).toHaveLength(emails.length ** 2);
  for (const { a, b, same } of rows as { a: string; b: string; same: boolean }[])
    expect(samePerson({ id: "1", email: a }, { id: "2", email: b }), `${a} ${b}`).toBe(same);
});

describe("the database refuses, whoever writes,", () => {
  const vote = (id: string, userId: string, digest: string, at = NOW, choice = "approve") =>
    raw(sql`insert into approval_votes (approval_id, user_id, digest, vote, reason, duration_seconds, step_up, voted_at)
      values (${id}, ${userId}, ${digest}, ${choice}, 'x', 60, 'totp', ${at.toISOString()})`);
  const end = (id: string, status: string, grantId: string | null, at = NOW) =>
    raw(sql`update approvals set status = ${status}, decided_at = ${at.toISOString()}, decision_reason = 'x',
      grant_id = ${grantId} where id = ${id}`);
  const grant = (over: Partial<typeof grants.$inferInsert>) =>
    test.db.insert(grants).values({
      ...{ id: uuidv7(NOW.getTime()), agentId: agent.id, scope: SCOPE, policyVersion: 1 },
      ...{ grantedBy: approver.id, grantedAt: NOW, expiresAt: later(60), ...over },
    });

  it("a vote by the requester, an owner in the line, another account of theirs, or somebody unknown", async () => {
    const twin = await makePerson(test.db, ["approver"], asker.email.replace("@", "+twin@"));
    const parent = await makeAgent(test.db, { ownerId: other.id });
    const child = await makeAgent(test.db, { parentId: parent.id });
    await giveApproved(test.db, { agent: parent.name, scope: SCOPE, seconds: 600, now: NOW });
    const asked = await ask();
    for (const userId of [asker.id, twin.id, "gone"])
      await expect(vote(asked.id, userId, asked.digest)).rejects.toMatchObject(refused);
    const below = await ask(SCOPE, asker, child);
    await expect(vote(below.id, other.id, below.digest)).rejects.toMatchObject(refused);
    await expect(vote(below.id, approver.id, below.digest)).resolves.toBeDefined();
  });

  it("a vote for other words, after the end, on a decided request, or twice by one person", async () => {
    const asked = await ask(TWO);
    await expect(vote(asked.id, approver.id, `sha256:${"0".repeat(64)}`)).rejects.toMatchObject(refused);
    await expect(vote(asked.id, approver.id, asked.digest, asked.expiresAt)).rejects.toMatchObject(refused);
    const [small, capital] = [
      await makePerson(test.db, ["approver"], `ü-${approver.email}`),
      await makePerson(test.db, ["approver"], `Ü-${approver.email}`),
    ];
    await vote(asked.id, small.id, asked.digest);
    await expect(vote(asked.id, capital.id, asked.digest)).rejects.toMatchObject(refused);
    await end(asked.id, "expired", null);
    await expect(vote(asked.id, other.id, asked.digest)).rejects.toMatchObject(refused);
  });

  it("a change or removal of a vote", async () => {
    const asked = await ask(TWO);
    await vote(asked.id, approver.id, asked.digest);
    await expect(raw(sql`update approval_votes set vote = 'deny'`)).rejects.toMatchObject(denied);
    await expect(raw(sql`delete from approval_votes`)).rejects.toMatchObject(denied);
    expect(
      await test.db.select().from(approvalVotes).where(eq(approvalVotes.approvalId, asked.id)),
    ).toHaveLength(1);
  });

  it("an approval with too few votes, with a denial, after its end, or without a grant", async () => {
    const asked = await ask(TWO);
    await expect(end(asked.id, "approved", uuidv7(0))).rejects.toMatchObject(refused);
    await vote(asked.id, approver.id, asked.digest);
    await expect(end(asked.id, "approved", uuidv7(0))).rejects.toMatchObject(refused);
    await vote(asked.id, other.id, asked.digest);
    await expect(end(asked.id, "approved", null)).rejects.toMatchObject(refused);
    await expect(end(asked.id, "approved", uuidv7(0), asked.expiresAt)).rejects.toMatchObject(refused);
    const third = await makePerson(test.db, ["approver"]);
    await vote(asked.id, third.id, asked.digest, NOW, "deny");
    await expect(end(asked.id, "approved", uuidv7(0))).rejects.toMatchObject(refused);
  });

  it("votes that were for words edited since", async () => {
    const asked = await ask();
    await vote(asked.id, approver.id, asked.digest);
    await alter("update approvals set digest = 'edited' where id = $1", [asked.id]);
    await expect(end(asked.id, "approved", uuidv7(0))).rejects.toMatchObject(refused);
  });

  it("a second end of a request, a way back, an end of no kind, and one that begins decided", async () => {
    const asked = await ask();
    for (const status of ["granted", "done", ""])
      await expect(end(asked.id, status, null), status).rejects.toMatchObject(refused);
    await expect(
      raw(sql`update approvals set status = 'denied', decided_at = now() where id = ${asked.id}`),
    ).rejects.toMatchObject(refused);
    await end(asked.id, "denied", null);
    for (const status of ["pending", "approved", "expired", "denied"])
      await expect(end(asked.id, status, null), status).rejects.toMatchObject(refused);
    await expect(
      raw(sql`insert into approvals (id, agent_id, scope, duration_seconds, reason, requested_by, requested_by_type,
        policy_version, digest, status, requested_at, expires_at) values (${uuidv7(0)}, ${agent.id}, 'a:b', 60, 'r',
        'x', 'operator', 1, 'd', 'approved', now(), now() + interval '1 hour')`),
    ).rejects.toMatchObject(refused);
  });

  it("a grant of an elevated scope that nobody approved, that stands, or that rests on nothing", async () => {
    for (const over of [
      {},
      { expiresAt: null },
      { approvalId: uuidv7(0) },
      { breakGlassId: uuidv7(0) },
      { approvalId: uuidv7(0), breakGlassId: uuidv7(0) },
      { scope: "no:such" },
      { scope: "transactions:read", policyVersion: 99 },
    ])
      await expect(grant(over), JSON.stringify(over)).rejects.toMatchObject(refused);
    await expect(grant({ scope: "transactions:read", expiresAt: null })).resolves.toBeDefined();
  });

  it("a grant that is another than what was approved: agent, scope, time, version, a second one", async () => {
    const asked = await ask();
    const id = uuidv7(NOW.getTime());
    await expect(grant({ id, approvalId: asked.id })).rejects.toMatchObject(refused);
    await vote(asked.id, approver.id, asked.digest);
    await expect(grant({ id, approvalId: asked.id })).rejects.toMatchObject(refused);
    await end(asked.id, "approved", id);
    const foreign = await makeAgent(test.db);
    for (const over of [
      { agentId: foreign.id },
      { scope: TWO },
      { expiresAt: null },
      { expiresAt: later(601) },
      { policyVersion: 2 },
      { id: uuidv7(NOW.getTime()) },
    ])
      await expect(grant({ id, approvalId: asked.id, ...over })).rejects.toMatchObject(refused);
    await expect(grant({ id, approvalId: asked.id })).resolves.toBeDefined();
    await expect(grant({ id, approvalId: asked.id })).rejects.toMatchObject({ cause: { code: "23505" } });
  });

  it("a revoked grant that lives again, and a longer life for one that lives", async () => {
    await giveApproved(test.db, { agent: agent.name, scope: SCOPE, seconds: 600, now: NOW });
    await raw(sql`update grants set revoked_at = now() where agent_id = ${agent.id}`);
    await expect(
      raw(sql`update grants set revoked_at = null where agent_id = ${agent.id}`),
    ).rejects.toMatchObject(refused);
    await expect(raw(sql`update grants set expires_at = 'infinity'`)).rejects.toMatchObject(denied);
  });

  it("break-glass by whom the policy does not name, by the owner, for too long, without reason, or reviewed at once", async () => {
    const use = (over: {
      user?: string;
      agentId?: string;
      end?: number;
      reason?: string;
      by?: string | null;
    }) =>
      raw(sql`insert into break_glass_uses (id, agent_id, scope, user_id, reason, step_up, policy_version, used_at, ends_at,
        review_due_at, reviewed_by, reviewed_at) values (${uuidv7(Date.now())}, ${over.agentId ?? agent.id}, ${SCOPE},
        ${over.user ?? approver.id}, ${over.reason ?? "It could not wait for a second person"}, 'totp', 1,
        ${NOW.toISOString()}, ${later(over.end ?? 600).toISOString()}, ${later(3_600).toISOString()}, ${over.by ?? null},
        ${over.by ? NOW.toISOString() : null})`);
    const mine = await makeAgent(test.db, { ownerId: approver.id });
    const child = await makeAgent(test.db, { parentId: mine.id });
    for (const over of [
      { user: other.id },
      { user: asker.id },
      { agentId: mine.id },
      { agentId: child.id },
      { end: 601 },
      { reason: "short" },
      { by: other.id },
    ])
      await expect(use(over), JSON.stringify(over)).rejects.toMatchObject(refused);
    await expect(use({})).resolves.toBeDefined();
    const settle = (by: string, verdict = "justified") =>
      raw(sql`update break_glass_uses set reviewed_by = ${by}, reviewed_at = now(), verdict = ${verdict},
        review_reason = 'Heard' where agent_id = ${agent.id}`);
    const twin = await makePerson(test.db, ["approver"], approver.email.replace("@", "+glass@"));
    await expect(settle(approver.id)).rejects.toMatchObject(refused);
    await expect(settle(twin.id)).rejects.toMatchObject(refused);
    await expect(settle(other.id, "fine")).rejects.toMatchObject(refused);
    await settle(other.id);
    await expect(settle(asker.id, "not-justified")).rejects.toMatchObject(refused);
  });

  it("break-glass while a use of that person is overdue for review", async () => {
    const insert = (at: Date, dueAt: Date) =>
      raw(sql`insert into break_glass_uses (id, agent_id, scope, user_id, reason, step_up, policy_version, used_at, ends_at,
        review_due_at) values (${randomUUID()}, ${agent.id}, ${SCOPE}, ${approver.id}, 'It could not wait for a second person',
        'totp', 1, ${at.toISOString()}, ${new Date(at.getTime() + 1_000).toISOString()}, ${dueAt.toISOString()})`);
    await insert(NOW, later(3_600));
    await expect(insert(later(3_599), later(7_000))).resolves.toBeDefined();
    await expect(insert(later(3_600), later(7_000))).rejects.toMatchObject(refused);
  });
});
