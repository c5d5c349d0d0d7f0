import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { agents, approvalVotes, grants, users } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { readApproval } from "./read-approval.ts";
import { requestApproval } from "./request-approval.ts";
import type { ApprovalView } from "./schema.ts";
import type { AgentRow } from "./store.ts";
import { later, makeAgent, makePerson, NOW, type Operator, recordsOf } from "./testing/people-and-agents.ts";
import { step, writePolicy } from "./testing/write-policy.ts";
import { voteOnApproval } from "./vote-on-approval.ts";

const SCOPE = "payments:execute";
let test: TestDatabase;
let analyst: Operator;
let treasurer: Operator;
let second: Operator;
let risk: Operator;
let both: Operator;
let anybody: Operator;
let crowd: Operator[];
let agent: AgentRow;
const as = (actor: Operator, now = NOW): VerbContext => ({ db: test.db, actor, now });

beforeAll(async () => {
  test = await createTestDatabase();
  analyst = await makePerson(test.db, ["analyst", "approver"]);
  const approver = () => makePerson(test.db, ["approver"]);
  [treasurer, second, risk, both, anybody] = [
    await approver(),
    await approver(),
    await approver(),
    await approver(),
    await approver(),
  ];
  crowd = await Promise.all(Array.from({ length: 40 }, approver));
  const ids = (...people: Operator[]) => people.map(({ id }) => id);
  await writePolicy(test.db, {
    approverGroups: [
      {
        name: "treasury",
        title: "Treasury",
        members: ids(analyst, treasurer, second, both, ...crowd.slice(0, 20)),
      },
      { name: "risk", title: "Risk", members: ids(risk, both, ...crowd.slice(20)) },
    ],
    steps: {
      [SCOPE]: [
        step("Business", ["treasury", 1], ["risk", 1]),
        step("Release", ["treasury", 1], ["approvers", 1]),
      ],
    },
  });
});
afterAll(() => test.close());
beforeEach(async () => {
  agent = await makeAgent(test.db);
});

async function ask(by: Operator = analyst): Promise<ApprovalView> {
  const wish = { agent: agent.name, scope: SCOPE, durationSeconds: 3_600, reason: "Month end run" };
  const { approvalId } = await requestApproval(as(by), wish);
  return readApproval(as(by), approvalId);
}

function approve({ id, digest }: ApprovalView, by: Operator, now = NOW) {
  return voteOnApproval(as(by, now), { id, digest, vote: "approve", reason: "Checked it" }, "totp");
}
const refusedBy = (check: string) => ({ code: "vote_refused", facts: { check } });
const demote = ({ id }: Operator, roles: string) =>
  test.db.update(users).set({ roles }).where(eq(users.id, id));

it("a grant needs every group of every step, in order, and its record says who filled which", async () => {
  const asked = await ask();
  expect(asked).toMatchObject({
    votesNeeded: 4,
    steps: [
      { title: "Business", state: "open", needs: [{ from: "treasury", title: "Treasury", castBy: [] }, {}] },
      { title: "Release", state: "later" },
    ],
  });
  await expect(approve(asked, anybody)).rejects.toMatchObject({
    ...refusedBy("step-not-open"),
    status: 409,
    message: "It is the turn of “Business”, where 1 of Treasury and 1 of Risk must still approve.",
  });
  await expect(approve(asked, both)).resolves.toMatchObject({ status: "pending", votes: 1 });
  await expect(approve(asked, treasurer, later(1))).resolves.toMatchObject({ votes: 2 });
  await expect(approve(asked, anybody, later(2))).resolves.toMatchObject({ votes: 3 });
  const { steps } = await readApproval(as(anybody), asked.id);
  expect(steps.map(({ state }) => state)).toEqual(["done", "open"]);
  expect(steps[0]?.needs.map(({ castBy }) => castBy.map(({ userId }) => userId))).toEqual([
    [treasurer.id],
    [both.id],
  ]);
  await expect(approve(asked, risk, later(3))).rejects.toMatchObject(refusedBy("step-not-open"));
  await expect(approve(asked, second, later(4))).resolves.toMatchObject({ status: "approved", votes: 4 });
  const [granted] = await recordsOf(test.db, agent.id);
  expect(granted).toMatchObject({
    kind: "grant.approved",
    body: {
      details: {
        steps: [{ title: "Business" }, { needs: [{ castBy: [second.id] }, { castBy: [anybody.id] }] }],
      },
    },
  });
  const done = await readApproval(as(anybody), asked.id);
  expect(done.steps.map(({ state }) => state)).toEqual(["done", "done"]);
});

it("the requester does not count for being in the group that is asked", async () => {
  const asked = await ask();
  await expect(approve(asked, analyst)).rejects.toMatchObject(refusedBy("not-requester"));
});

it("a member who lost the role approver counts no more, and neither does what was decided on their word", async () => {
  const asked = await ask();
  await approve(asked, treasurer);
  await approve(asked, risk, later(1));
  await approve(asked, anybody, later(2));
  await demote(treasurer, "analyst");
  try {
    const { steps } = await readApproval(as(anybody), asked.id);
    expect(steps.map(({ state }) => state)).toEqual(["open", "later"]);
    await expect(approve(asked, second, later(3))).resolves.toMatchObject({ status: "pending", votes: 2 });
    await expect(approve(asked, treasurer, later(3))).rejects.toMatchObject(refusedBy("may-vote"));
  } finally {
    await demote(treasurer, "approver");
  }
});

it("who became the agent's owner after voting counts no more", async () => {
  const asked = await ask();
  await approve(asked, treasurer);
  await test.db.update(agents).set({ ownerId: treasurer.id }).where(eq(agents.id, agent.id));
  await expect(approve(asked, risk, later(1))).resolves.toMatchObject({ status: "pending", votes: 1 });
  const { steps } = await readApproval(as(anybody), asked.id);
  expect(steps[0]?.needs[0]?.castBy).toEqual([]);
});

it("whoever is asked in a later step may deny at once; one denial ends it", async () => {
  const { id, digest } = await ask();
  const deny = { id, digest, vote: "deny" as const, reason: "No ticket" };
  await expect(voteOnApproval(as(anybody), deny, "totp")).resolves.toMatchObject({ status: "denied" });
});

it("fifty votes at once of two groups make one grant or none, never more, and nobody counts twice", async () => {
  const asked = await ask();
  const voters = [...crowd, ...Array.from({ length: 10 }, () => both)];
  const outcomes = await Promise.allSettled(voters.map((voter) => approve(asked, voter)));
  const counted = outcomes.flatMap((it, i) => (it.status === "fulfilled" ? [voters[i]?.id] : []));
  expect(new Set(counted).size).toBe(counted.length);
  const cast = await test.db.select().from(approvalVotes).where(eq(approvalVotes.approvalId, asked.id));
  expect(cast.map(({ userId }) => userId).sort()).toEqual([...counted].sort());
  const made = await test.db.select().from(grants).where(eq(grants.approvalId, asked.id));
  const { status, steps } = await readApproval(as(anybody), asked.id);
  expect(made).toHaveLength(status === "approved" ? 1 : 0);
  if (status !== "approved") {
    expect(steps[0]?.state).toBe("done");
    const left = crowd.filter(({ id }) => !counted.includes(id)).slice(0, 20);
    await Promise.allSettled(left.map((voter) => approve(asked, voter, later(1))));
  }
  expect(await test.db.select().from(grants).where(eq(grants.approvalId, asked.id))).toHaveLength(1);
});

it("votes count in the order in which they were cast, whatever the clocks of the doors say", async () => {
  const asked = await ask();
  await approve(asked, treasurer, later(5));
  await approve(asked, risk, later(5));
  await approve(asked, second, later(1));
  await expect(approve(asked, anybody, later(1))).resolves.toMatchObject({ status: "approved", votes: 4 });
});
