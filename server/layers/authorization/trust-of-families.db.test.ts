import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { decideTrustOverride } from "./decide-trust-override.ts";
import { endOverridesOfAgent } from "./end-overrides-of-agent.ts";
import { endTrustOverride } from "./end-trust-override.ts";
import { ensureDefaultPolicy } from "./ensure-default-policy.ts";
import { listTrustOverrides } from "./list-trust-overrides.ts";
import { requestTrustOverride } from "./request-trust-override.ts";
import type { AgentRow } from "./store.ts";
import { later, makeAgent, makePerson, NOW, type Operator, SYSTEM } from "./testing/people-and-agents.ts";

let test: TestDatabase;
let asker: Operator;
let owner: Operator;
let approver: Operator;
beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
  asker = await makePerson(test.db, ["analyst"]);
  [owner, approver] = [await makePerson(test.db, ["approver"]), await makePerson(test.db, ["approver"])];
});
afterAll(() => test.close());

const as = (actor: Operator, now = NOW) => ({ db: test.db, actor, now });
const request = ({ name }: AgentRow) =>
  requestTrustOverride(as(asker), { agent: name, score: 1, durationSeconds: 3_600, reason: "Pilot" });
const approve = (by: Operator, { id, digest }: { id: string; digest: string }, now = NOW) =>
  decideTrustOverride(as(by, now), { id, digest, decision: "approve", reason: "Agreed" }, "totp");

it("the owner of one above an agent does not decide its trust, at the verb nor in the database", async () => {
  const parent = await makeAgent(test.db, { ownerId: owner.id });
  const child = await makeAgent(test.db, { parentId: parent.id });
  const asked = await request(child);
  await expect(approve(owner, asked)).rejects.toMatchObject({ facts: { check: "not-owner" } });
  const [shown] = await listTrustOverrides(as(owner), { name: child.name });
  expect(shown?.mayDecide.allowed).toBe(false);
  const write = test.db.$client.query(
    "update trust_overrides set status = 'approved', decided_by = $2, decided_at = $3, step_up = 'totp', ends_at = $4 where id = $1",
    [asked.id, owner.id, NOW, later(60)],
  );
  await expect(write).rejects.toMatchObject({ code: "23514" });
  await expect(approve(approver, asked)).resolves.toMatchObject({ status: "approved" });
});

it("what somebody ended by a clock that is ahead stops no containment, and no later override", async () => {
  const agent = await makeAgent(test.db);
  const asked = await request(agent);
  await approve(approver, asked);
  await endTrustOverride(as(approver, later(10)), { id: asked.id, reason: "It is over" });
  const stop = { agent: { id: agent.id, did: agent.did }, reason: "contained", actor: SYSTEM, now: later(5) };
  await expect(test.db.transaction((tx) => endOverridesOfAgent(tx, stop))).resolves.toBeUndefined();
  await expect(approve(approver, await request(agent), later(5))).resolves.toMatchObject({
    status: "approved",
  });
});
