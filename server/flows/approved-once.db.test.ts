import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { accessTokens, approvals, grants } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { readApproval } from "../layers/authorization/read-approval.ts";
import type { AgentRow } from "../layers/authorization/store.ts";
import {
  later,
  makeAgent,
  makePerson,
  NOW,
  type Operator,
} from "../layers/authorization/testing/people-and-agents.ts";
import { step, writePolicy } from "../layers/authorization/testing/write-policy.ts";
import { voteOnApproval } from "../layers/authorization/vote-on-approval.ts";
import { issueAccessToken } from "./issue-access-token.ts";

const SCOPE = "payments:execute";
const MANY = 50;

let test: TestDatabase;
let treasury: Operator[];
let risk: Operator[];
beforeAll(async () => {
  test = await createTestDatabase();
  const people = () => Promise.all(Array.from({ length: MANY / 2 }, () => makePerson(test.db, ["approver"])));
  [treasury, risk] = [await people(), await people()];
  const ids = (of: Operator[]) => of.map(({ id }) => id);
  await writePolicy(test.db, {
    approverGroups: [
      { name: "treasury", title: "Treasury", members: ids(treasury) },
      { name: "risk", title: "Risk", members: ids(risk) },
    ],
    steps: { [SCOPE]: [step("Business", ["treasury", 1]), step("Risk", ["risk", 1])] },
  });
});
afterAll(() => test.close());

const askToken = (agent: AgentRow, now: Date) =>
  issueAccessToken(
    { db: test.db, now },
    { agent, requested: [SCOPE], thumbprint: "t", boundUntil: later(99_999) },
  );

/** Votes of everybody at once, and of the first of them as often again; how many counted. */
async function allVote(id: string, digest: string, voters: Operator[]): Promise<number> {
  const cast = (actor: Operator) =>
    voteOnApproval(
      { db: test.db, actor, now: later(1) },
      { id, digest, vote: "approve", reason: "Looked at it" },
      "totp",
    );
  const first = voters[0] as Operator;
  const outcomes = await Promise.allSettled([...voters, ...voters.map(() => first)].map(cast));
  return outcomes.filter(({ status }) => status === "fulfilled").length;
}

it("fifty requests for a token at once open one request, and fifty votes at once on each step make one grant", async () => {
  const agent = await makeAgent(test.db);
  await Promise.all(Array.from({ length: MANY }, () => askToken(agent, NOW)));
  const open = await test.db.select().from(approvals).where(eq(approvals.agentId, agent.id));
  expect(open).toMatchObject([{ status: "pending", requestedByType: "agent", votesNeeded: 2 }]);
  const { id, digest } = open[0] as (typeof open)[number];

  expect(await allVote(id, digest, treasury)).toBe(1);
  const [counted] = await Promise.all([
    allVote(id, digest, risk),
    ...Array.from({ length: MANY }, () => askToken(agent, later(1))),
  ]);
  expect(counted).toBe(1);

  const made = await test.db.select().from(grants).where(eq(grants.agentId, agent.id));
  expect(made).toMatchObject([{ approvalId: id, scope: SCOPE }]);
  const view = await readApproval({ db: test.db, actor: treasury[0] as Operator, now: later(2) }, id);
  expect(view).toMatchObject({ status: "approved", grantId: made[0]?.id });
  expect(view.votes).toHaveLength(2);
});

it("fifty requests for a token at once, after one approval, all rest on its one grant, and ask for no other", async () => {
  const agent = await makeAgent(test.db);
  await askToken(agent, NOW);
  const [asked] = await test.db.select().from(approvals).where(eq(approvals.agentId, agent.id));
  const { id = "", digest = "" } = asked ?? {};
  for (const actor of [treasury[0], risk[0]] as Operator[])
    await voteOnApproval(
      { db: test.db, actor, now: later(1) },
      { id, digest, vote: "approve", reason: "Looked at it" },
      "totp",
    );
  const answers = await Promise.all(Array.from({ length: MANY }, () => askToken(agent, later(2))));
  const made = await test.db.select().from(grants).where(eq(grants.agentId, agent.id));
  expect(made).toHaveLength(1);
  expect(new Set(answers.flatMap(({ token }) => token?.grantIds ?? []))).toEqual(new Set([made[0]?.id]));
  expect(await test.db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id))).toHaveLength(
    MANY,
  );
  expect(await test.db.select().from(approvals).where(eq(approvals.agentId, agent.id))).toHaveLength(1);
});
