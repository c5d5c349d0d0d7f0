import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { approvals, grants } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { issueToken } from "./issue-token.ts";
import { listApprovals } from "./list-approvals.ts";
import { readApproval } from "./read-approval.ts";
import { requestApproval } from "./request-approval.ts";
import { revokeGrant } from "./revoke-grant.ts";
import type { AgentRow } from "./store.ts";
import { later, makeAgent, makePerson, NOW, type Operator, recordsOf } from "./testing/people-and-agents.ts";
import { writePolicy } from "./testing/write-policy.ts";
import { voteOnApproval } from "./vote-on-approval.ts";
import { withdrawApproval } from "./withdraw-approval.ts";

const SCOPE = "payments:execute";
let test: TestDatabase;
let analyst: Operator;
let approver: Operator;
let agent: AgentRow;
const as = (actor: Operator, now = NOW) => ({ db: test.db, actor, now });
beforeAll(async () => {
  test = await createTestDatabase();
  await writePolicy(test.db);
  analyst = await makePerson(test.db, ["analyst"]);
  approver = await makePerson(test.db, ["approver"]);
});
afterAll(() => test.close());
beforeEach(async () => {
  agent = await makeAgent(test.db);
});

async function ask(): Promise<string> {
  const wish = { agent: agent.name, scope: SCOPE, durationSeconds: 600, reason: "Month end run" };
  return (await requestApproval(as(analyst), wish)).approvalId;
}
const withdraw = (id: string, by = analyst, now = later(1)) =>
  withdrawApproval(as(by, now), { id, reason: "Not needed any more" });
async function approve(id: string) {
  const { digest } = await readApproval(as(approver), id);
  return voteOnApproval(
    as(approver, later(10)),
    { id, digest, vote: "approve", reason: "Looked at it" },
    "totp",
  );
}

describe("taking a request back", () => {
  it("rejects an actor without the permission", async () => {
    const id = await ask();
    await expect(withdraw(id, approver)).rejects.toMatchObject({ code: "not_permitted" });
  });

  it("is for whoever asked, from any account of theirs, and for nobody else", async () => {
    const id = await ask();
    const other = await makePerson(test.db, ["analyst", "admin", "approver"]);
    await expect(withdraw(id, other)).rejects.toMatchObject({ status: 403, code: "not_requester" });
    const [refused] = await recordsOf(test.db, agent.id);
    expect(refused).toMatchObject({
      ...{ kind: "approval.withdrawal_refused", outcome: "deny" },
      body: {
        actor: { id: other.id },
        checks: expect.arrayContaining([expect.objectContaining({ id: "own-request", passed: false })]),
      },
    });
    expect((await readApproval(as(other), id)).mayWithdraw).toBe(false);
    expect((await readApproval(as(analyst), id)).mayWithdraw).toBe(true);
    const second = await makePerson(test.db, ["analyst"], analyst.email.replace("@", `+${agent.name}@`));
    await expect(withdraw(id, second)).resolves.toEqual({ status: "withdrawn" });
  });

  it("of what an agent asked for itself is for nobody", async () => {
    const wish = { agentId: agent.id, requested: [SCOPE], thumbprint: "t", boundUntil: later(999), now: NOW };
    const { refused } = await test.db.transaction((tx) => issueToken(tx, wish));
    await expect(withdraw(refused[0]?.approvalId ?? "")).rejects.toMatchObject({ code: "not_requester" });
  });

  it("ends it for good, with the reason on record; no vote follows, and the same may be asked anew", async () => {
    const id = await ask();
    await withdraw(id);
    const view = await readApproval(as(analyst), id);
    expect(view).toMatchObject({
      ...{ status: "withdrawn", decisionReason: "Not needed any more", mayWithdraw: false },
      lifecycle: { stage: "withdrawn", live: false, used: null },
    });
    const [record] = await recordsOf(test.db, agent.id);
    expect(record).toMatchObject({ kind: "approval.withdrawn", body: { approvalId: id } });
    await expect(approve(id)).rejects.toMatchObject({ facts: { check: "open" } });
    await expect(withdraw(id)).rejects.toMatchObject({ status: 409, code: "approval_decided" });
    await expect(ask()).resolves.toMatch(/^[0-9a-f-]{36}$/);
    const { approvals: listed } = await listApprovals(as(analyst), {
      status: "withdrawn",
      agent: agent.name,
    });
    expect(listed.map((one) => one.id)).toEqual([id]);
  });

  it("comes too late once it is decided or over", async () => {
    const over = await ask();
    const [row] = await test.db.select().from(approvals).where(eq(approvals.id, over));
    await expect(withdraw(over, analyst, row?.expiresAt)).rejects.toMatchObject({ code: "approval_decided" });
    agent = await makeAgent(test.db);
    const granted = await ask();
    await approve(granted);
    await expect(withdraw(granted)).rejects.toMatchObject({ code: "approval_decided" });
  });

  it("and a vote at the same instant: one of them holds, and a grant only with the vote", async () => {
    for (let round = 0; round < 5; round++) {
      agent = await makeAgent(test.db);
      const id = await ask();
      const outcomes = await Promise.allSettled([withdraw(id), approve(id)]);
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const { status } = await readApproval(as(analyst), id);
      const made = await test.db.select().from(grants).where(eq(grants.approvalId, id));
      expect(made).toHaveLength(status === "approved" ? 1 : 0);
    }
  });
});

it("a request tells whether what it gave was used, and whether it still lives", async () => {
  const id = await ask();
  const stage = async (now: Date) => (await readApproval(as(analyst, now), id)).lifecycle;
  expect(await stage(later(1))).toMatchObject({ stage: "requested", live: false, used: null });
  const { grantId } = await approve(id);
  expect(await stage(later(11))).toMatchObject({ stage: "granted", live: true, used: false });
  const wish = { agentId: agent.id, requested: [SCOPE], thumbprint: "t", boundUntil: later(9_999) };
  await test.db.transaction((tx) => issueToken(tx, { ...wish, now: later(20) }));
  expect(await stage(later(21))).toMatchObject({ stage: "activated", live: true, used: true });
  expect(await stage(later(610))).toMatchObject({ stage: "expired", live: false, endsAt: later(610) });
  await revokeGrant(as(approver, later(30)), { grantId: grantId ?? "", reason: "Enough" });
  expect(await stage(later(31))).toMatchObject({
    stage: "revoked",
    live: false,
    used: true,
    endsAt: later(30),
  });
});
