import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { agents, approvals, grants, users } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { DEFAULT_POLICY } from "./default-policy.ts";
import { expireOverdueApprovals } from "./expire-approvals.ts";
import { readApproval } from "./read-approval.ts";
import { requestApproval } from "./request-approval.ts";
import type { AgentRow } from "./store.ts";
import {
  later,
  makeAgent,
  makePerson,
  NOW,
  type Operator,
  recordsOf,
  SYSTEM,
} from "./testing/people-and-agents.ts";
import { step, writePolicy } from "./testing/write-policy.ts";
import { voteOnApproval } from "./vote-on-approval.ts";

/** A scope for which two people must approve. */
const TWO_DECIDE = "customer:sensitive_data";

let test: TestDatabase;
let analyst: Operator;
let approver: Operator;
let agent: AgentRow;
const as = (actor: VerbContext["actor"], now = NOW): VerbContext => ({ db: test.db, actor, now });

beforeAll(async () => {
  test = await createTestDatabase();
  await writePolicy(test.db, { steps: { [TWO_DECIDE]: [step("Approval", ["approvers", 2])] } });
  analyst = await makePerson(test.db, ["analyst", "approver"]);
  approver = await makePerson(test.db, ["approver"]);
});
afterAll(() => test.close());
beforeEach(async () => {
  agent = await makeAgent(test.db);
});

async function ask(
  by: Operator = analyst,
  durationSeconds = 3_600,
  scope = "payments:execute",
): Promise<{ id: string; digest: string }> {
  const { approvalId } = await requestApproval(as(by), {
    ...{ agent: agent.name, scope, durationSeconds },
    reason: "Month end run",
  });
  const { id, digest } = await readApproval(as(by), approvalId);
  return { id, digest };
}

function approve(asked: { id: string; digest: string }, by: Operator, extra: object = {}, now = NOW) {
  return voteOnApproval(as(by, now), { ...asked, vote: "approve", reason: "Checked it", ...extra }, "totp");
}

/** What only somebody with the database in hand can do: the application may not change what was asked. */
function alter(statement: string, values: unknown[]): Promise<unknown> {
  return test.asSuper((client) => client.query(statement, values));
}

const grantsOf = (id: string) => test.db.select().from(grants).where(eq(grants.approvalId, id));

describe("asking", () => {
  it("rejects an actor without the permission", async () => {
    const auditor = await makePerson(test.db, ["auditor"]);
    await expect(ask(auditor)).rejects.toMatchObject({ code: "not_permitted" });
  });

  it("is recorded, and asked once while it waits", async () => {
    const { id } = await ask();
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "approval.requested", body: { approvalId: id, policyVersion: 1 } });
    await expect(ask()).rejects.toMatchObject({ code: "approval_pending" });
  });

  it("makes one request out of twenty at once", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => ask()));
    expect(outcomes.filter((it) => it.status === "fulfilled")).toHaveLength(1);
  });

  it("is never for longer than the policy gives, for a base scope, or for an agent out of service", async () => {
    await expect(ask(analyst, 4 * 3_600 + 1)).rejects.toMatchObject({ code: "duration_too_long" });
    const base = { agent: agent.name, scope: "transactions:read", durationSeconds: 60, reason: "Standing" };
    await expect(requestApproval(as(analyst), base)).rejects.toMatchObject({ code: "scope_is_standing" });
    await test.db.update(agents).set({ status: "contained" }).where(eq(agents.id, agent.id));
    await expect(ask()).rejects.toMatchObject({ code: "agent_not_in_service" });
  });
});

describe("four eyes", () => {
  it("grant a scope whose time starts at the approval, with who approved, in one record", async () => {
    const asked = await ask();
    const answer = await approve(asked, approver, {}, later(600));
    expect(answer).toMatchObject({ status: "approved", grantExpiresAt: later(600 + 3_600) });
    const [grant] = await grantsOf(asked.id);
    expect(grant).toMatchObject({ scope: "payments:execute", grantedBy: approver.id, grantedAt: later(600) });
    const [granted, voted] = await recordsOf(test.db, agent.id);
    expect(granted).toMatchObject({
      kind: "grant.approved",
      body: { grantIds: [grant?.id], approvalId: asked.id },
    });
    expect(voted).toMatchObject({
      kind: "approval.voted",
      outcome: "allow",
      body: { details: { stepUp: "totp" } },
    });
  });

  it("reject an actor without the permission, a system actor and a missing second factor", async () => {
    const asked = await ask();
    const admin = await makePerson(test.db, ["admin"]);
    await expect(approve(asked, admin)).rejects.toMatchObject({ code: "not_permitted" });
    const vote = { ...asked, vote: "approve" as const, reason: "By a duty" };
    await expect(voteOnApproval(as(SYSTEM), vote, "totp")).rejects.toMatchObject({ code: "vote_refused" });
    await expect(voteOnApproval(as(approver), vote, "")).rejects.toMatchObject({ code: "vote_refused" });
    expect(await grantsOf(asked.id)).toHaveLength(0);
  });

  it("refuse the requester, and keep the record of the attempt", async () => {
    const asked = await ask();
    await expect(approve(asked, analyst)).rejects.toMatchObject({
      code: "vote_refused",
      facts: { check: "not-requester" },
    });
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "approval.vote_refused", outcome: "deny" });
  });

  it("refuse the requester's second account and own API key", async () => {
    const [local, domain] = analyst.email.split("@");
    const second = await makePerson(test.db, ["approver"], `${local?.toUpperCase()}+two@${domain}`);
    const asked = await ask();
    await expect(approve(asked, second)).rejects.toMatchObject({ facts: { check: "not-requester" } });
    const byKey: Operator = { ...approver, sessionId: null, apiKeyId: "key" };
    await expect(approve(asked, byKey)).rejects.toMatchObject({ facts: { check: "in-person" } });
  });

  it("refuse the agent's owner, and everybody while requester or owner cannot be found", async () => {
    await test.db.update(agents).set({ ownerId: approver.id }).where(eq(agents.id, agent.id));
    const asked = await ask();
    await expect(approve(asked, approver)).rejects.toMatchObject({ facts: { check: "not-owner" } });
    await test.db.update(agents).set({ ownerId: "gone" }).where(eq(agents.id, agent.id));
    await expect(approve(asked, approver)).rejects.toMatchObject({ facts: { check: "not-owner" } });
    await test.db.update(agents).set({ ownerId: null }).where(eq(agents.id, agent.id));
    await alter("update approvals set requested_by = 'gone' where id = $1", [asked.id]);
    await expect(approve(asked, approver)).rejects.toMatchObject({ facts: { check: "not-requester" } });
  });

  it("are kept by the database too, whoever writes", async () => {
    const asked = await ask();
    const insert = test.db.execute(
      `insert into approval_votes (approval_id, user_id, digest, vote, reason, duration_seconds, step_up, voted_at)
       values ('${asked.id}', '${analyst.id}', 'x', 'approve', 'x', 60, 'x', now())`,
    );
    await expect(insert).rejects.toMatchObject({ cause: { code: "23514" } });
  });

  it("refuse a person who was demoted or disabled after they signed in", async () => {
    const asked = await ask();
    const demoted = await makePerson(test.db, ["approver"]);
    await test.db.update(users).set({ roles: "analyst" }).where(eq(users.id, demoted.id));
    await expect(approve(asked, demoted)).rejects.toMatchObject({ facts: { check: "may-vote" } });
    await test.db.update(users).set({ roles: "approver", disabledAt: NOW }).where(eq(users.id, demoted.id));
    await expect(approve(asked, demoted)).rejects.toMatchObject({ facts: { check: "may-vote" } });
  });
});

describe("a vote", () => {
  it("counts for the request as it was seen, and for nothing edited since", async () => {
    for (const change of [
      `digest = 'sha256:${"0".repeat(64)}'`,
      "scope = 'cloud:admin'",
      "duration_seconds = 7200",
      "resource = 'everything'",
      "agent_id = (select id from agents where id <> agent_id limit 1)",
    ]) {
      await makeAgent(test.db);
      const asked = await ask();
      await alter(`update approvals set ${change} where id = $1`, [asked.id]);
      await expect(approve(asked, approver), change).rejects.toMatchObject({
        status: 409,
        facts: { check: "same-request" },
      });
      expect(await grantsOf(asked.id), change).toHaveLength(0);
      await alter("update approvals set status = 'expired', decided_at = now() where id = $1", [asked.id]);
    }
  });

  it("may shorten the time and never lengthen it", async () => {
    const asked = await ask();
    await expect(approve(asked, approver, { durationSeconds: 3_601 })).rejects.toMatchObject({
      facts: { check: "not-wider" },
    });
    await expect(approve(asked, approver, { durationSeconds: 900 })).resolves.toMatchObject({
      grantExpiresAt: later(900),
    });
    const [record] = await recordsOf(test.db, agent.id);
    const details = record?.body.details as { requestDigest: string; grantedDigest: string };
    expect(details.requestDigest).toBe(asked.digest);
    expect(details.grantedDigest).not.toBe(asked.digest);
  });

  it("of denial ends the request with its reason; no approval follows", async () => {
    const asked = await ask();
    const deny = { ...asked, vote: "deny" as const, reason: "No ticket" };
    await expect(voteOnApproval(as(approver), deny, "totp")).resolves.toMatchObject({ status: "denied" });
    const other = await makePerson(test.db, ["approver"]);
    await expect(approve(asked, other)).rejects.toMatchObject({ status: 409, facts: { check: "open" } });
    await expect(readApproval(as(other), asked.id)).resolves.toMatchObject({
      status: "denied",
      decisionReason: "No ticket",
      grantId: null,
    });
  });

  it("under a policy that has changed since does not count", async () => {
    const asked = await ask();
    await writePolicy(test.db, () => ({ mediumTrustAbove: 0.9 }));
    try {
      await expect(approve(asked, approver)).rejects.toMatchObject({ facts: { check: "policy-unchanged" } });
    } finally {
      await test.asSuper(async (client) => {
        await client.query("alter table scope_policies disable trigger refuse_change");
        await client.query("delete from scope_policies where version = 2");
        await client.query("alter table scope_policies enable trigger refuse_change");
      });
    }
  });

  it("for an agent that was contained meanwhile gives nothing", async () => {
    const asked = await ask();
    await test.db.update(agents).set({ status: "contained" }).where(eq(agents.id, agent.id));
    await expect(approve(asked, approver)).rejects.toMatchObject({ facts: { check: "agent-in-service" } });
  });
});

describe("when two must approve", () => {
  it("one person is not two, by voting twice or from a second account", async () => {
    const asked = await ask(analyst, 3_600, TWO_DECIDE);
    await expect(approve(asked, approver)).resolves.toMatchObject({ status: "pending", votes: 1 });
    await expect(approve(asked, approver)).rejects.toMatchObject({ facts: { check: "first-vote" } });
    const [local, domain] = approver.email.split("@");
    const second = await makePerson(test.db, ["approver"], `${local}+b@${domain}`);
    await expect(approve(asked, second)).rejects.toMatchObject({ facts: { check: "first-vote" } });
    expect(await grantsOf(asked.id)).toHaveLength(0);
  });

  it("the shortest of their times is granted", async () => {
    const asked = await ask(analyst, 3_600, TWO_DECIDE);
    await approve(asked, approver, { durationSeconds: 600 });
    const other = await makePerson(test.db, ["approver"]);
    await expect(approve(asked, other, { durationSeconds: 1_200 })).resolves.toMatchObject({
      status: "approved",
      grantExpiresAt: later(600),
    });
  });

  it("a voter who lost the role before the grant no longer counts", async () => {
    const asked = await ask(analyst, 3_600, TWO_DECIDE);
    const first = await makePerson(test.db, ["approver"]);
    await approve(asked, first);
    await test.db.update(users).set({ roles: "analyst" }).where(eq(users.id, first.id));
    await expect(approve(asked, approver)).resolves.toMatchObject({
      status: "pending",
      votes: 1,
      grantId: null,
    });
  });

  it.each([1, 2])("fifty votes at once make one grant (%i needed)", async (needed) => {
    const asked = await ask(analyst, 3_600, needed === 1 ? "payments:execute" : TWO_DECIDE);
    const voters = await Promise.all(Array.from({ length: 50 }, () => makePerson(test.db, ["approver"])));
    const outcomes = await Promise.allSettled(voters.map((voter) => approve(asked, voter)));
    expect(outcomes.filter((it) => it.status === "fulfilled")).toHaveLength(needed);
    expect(await grantsOf(asked.id)).toHaveLength(1);
    for (const it of outcomes)
      if (it.status === "rejected") expect(it.reason).toMatchObject({ facts: { check: "open" } });
  });
});

describe("time", () => {
  it("never approves: an unanswered request expires, recorded, and takes no late vote", async () => {
    const asked = await ask();
    const late = later(DEFAULT_POLICY.approvalOpenSeconds);
    await expect(approve(asked, approver, {}, late)).rejects.toMatchObject({ facts: { check: "open" } });
    await expect(readApproval(as(approver, late), asked.id)).resolves.toMatchObject({ status: "expired" });
    await test.db.transaction((tx) => expireOverdueApprovals(tx, { agentId: agent.id, now: late }));
    const [row] = await test.db
      .select()
      .from(approvals)
      .where(and(eq(approvals.id, asked.id), eq(approvals.status, "expired")));
    expect(row).toMatchObject({ decidedAt: late, grantId: null });
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "approval.expired", outcome: "deny" });
  });

  it("a moment before the end, a vote still counts; the end is the stored instant", async () => {
    const asked = await ask();
    const before = new Date(later(DEFAULT_POLICY.approvalOpenSeconds).getTime() - 1);
    expect(
      await test.db.transaction((tx) => expireOverdueApprovals(tx, { agentId: agent.id, now: before })),
    ).toBe(0);
    await expect(approve(asked, approver, {}, before)).resolves.toMatchObject({ status: "approved" });
  });
});

it("the view says why this person may not approve", async () => {
  const asked = await ask();
  const own = await readApproval(as(analyst), asked.id);
  expect(own.mayVote.allowed).toBe(false);
  expect(own.mayVote.checks.find((check) => !check.passed)).toMatchObject({ id: "not-requester" });
  const other = await readApproval(as(approver), asked.id);
  expect(other.mayVote.allowed).toBe(true);
  expect(other).toMatchObject({ risk: "HIGH", requesterName: analyst.email, votes: [], currentGrants: [] });
});
