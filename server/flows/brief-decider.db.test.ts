import { afterAll, beforeAll, expect, test } from "vitest";
import { featureWindows, peers, zoneEdges, zones } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { ensureDefaultPolicy } from "../layers/authorization/ensure-default-policy.ts";
import { requestApproval } from "../layers/authorization/request-approval.ts";
import { approvalById } from "../layers/authorization/store.ts";
import {
  later,
  makeAgent,
  makePerson,
  NOW,
  type Operator,
} from "../layers/authorization/testing/people-and-agents.ts";
import { voteOnApproval } from "../layers/authorization/vote-on-approval.ts";
import { briefDecider } from "./brief-decider.ts";

const SCOPE = "payments:execute";
let database: TestDatabase;
let analyst: Operator;
let approver: Operator;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureDefaultPolicy(database.db, NOW);
  analyst = await makePerson(database.db, ["analyst"]);
  approver = await makePerson(database.db, ["approver"]);
  await database.db.insert(zones).values([
    { name: "front", title: "Front" },
    { name: "core", title: "Core" },
  ]);
  await database.db.insert(peers).values({ name: "core-banking", zone: "core", title: "Core banking" });
  await database.db.insert(zoneEdges).values({ fromZone: "front", toZone: "core", reason: "payments" });
});
afterAll(() => database.close());

const as = (actor: Operator, now = NOW) => ({ db: database.db, actor, now });

async function ask(agent: string, now = NOW): Promise<string> {
  const wish = { agent, scope: SCOPE, durationSeconds: 600, reason: "month end" };
  return (await requestApproval(as(analyst, now), wish)).approvalId;
}

async function vote(id: string, choice: "approve" | "deny", now = NOW): Promise<void> {
  const { digest } = await approvalById(database.db, id);
  await voteOnApproval(as(approver, now), { id, digest, vote: choice, reason: `I ${choice}` }, "totp");
}

async function measured(agentId: string, minutesAgo: number, calls: number, score: number): Promise<void> {
  const features = { apiCallsPerMinute: calls, dataMegabytes: 1.5, refusedRatio: 0.1 };
  await database.db
    .insert(featureWindows)
    .values({ agentId, at: new Date(NOW.getTime() - minutesAgo * 60_000), features, score });
}

test("the last day is what was measured of this agent, hour by hour", async () => {
  const agent = await makeAgent(database.db, { zone: "front" });
  const stranger = await makeAgent(database.db, { zone: "front" });
  await measured(agent.id, 30, 100, 0.2);
  await measured(agent.id, 31, 300, 0.6);
  await measured(agent.id, 90, 50, 0.1);
  await measured(agent.id, 1_441, 999, 0.9);
  await measured(stranger.id, 30, 777, 0.95);
  const { lastDay } = await briefDecider(as(approver), { id: await ask(agent.name) });
  expect(lastDay).toMatchObject({ calls: 450, refused: 45, scoreMax: 0.6, alerts: 0, containments: 0 });
  expect(lastDay.hours.map(({ at, calls, megabytes }) => [at.toISOString(), calls, megabytes])).toEqual([
    ["2026-11-23T10:00:00.000Z", 50, 1.5],
    ["2026-11-23T11:00:00.000Z", 400, 3],
  ]);
});

test("an agent that nothing was measured of has no figures, and that is said", async () => {
  const agent = await makeAgent(database.db, { zone: "front" });
  const brief = await briefDecider(as(approver), { id: await ask(agent.name) });
  expect(brief.lastDay).toMatchObject({ hours: [], calls: 0, scoreMax: null });
  expect(brief.blastRadius.find(({ id }) => id === "volume")?.detail).toContain("Nothing was measured");
});

test("what it may reach comes from the zones, its family from the agents", async () => {
  const agent = await makeAgent(database.db, { zone: "front" });
  const child = await makeAgent(database.db, { zone: "front", parentId: agent.id });
  const { blastRadius } = await briefDecider(as(approver), { id: await ask(agent.name) });
  const detail = (id: string) => blastRadius.find((it) => it.id === id)?.detail;
  expect(detail("reach")).toContain("core-banking");
  expect(detail("family")).toContain(child.name);
});

test("earlier requests are counted by what became of them, other scopes and agents left out", async () => {
  const agent = await makeAgent(database.db, { zone: "front" });
  const neighbour = await makeAgent(database.db, { zone: "front" });
  await vote(await ask(agent.name), "approve");
  await vote(await ask(agent.name, later(1)), "deny", later(1));
  await vote(await ask(neighbour.name), "approve");
  const { past, change } = await briefDecider(as(approver, later(2)), {
    id: await ask(agent.name, later(2)),
  });
  expect(past).toMatchObject({ asked: 2, granted: 1, denied: 1, unanswered: 0, neverUsed: 0 });
  expect(past.latest.map(({ status, decidedBy }) => [status, decidedBy])).toEqual([
    ["denied", [approver.email]],
    ["approved", [approver.email]],
  ]);
  expect(change).toMatchObject({ held: true });
});

test("a grant that ended without a use is counted as never used", async () => {
  const agent = await makeAgent(database.db, { zone: "front" });
  await vote(await ask(agent.name), "approve");
  const { past, change } = await briefDecider(as(approver, later(601)), {
    id: await ask(agent.name, later(601)),
  });
  expect(past.neverUsed).toBe(1);
  expect(change.held).toBe(false);
});

test("a narrower grant that lives is not called the same", async () => {
  const agent = await makeAgent(database.db, { zone: "front" });
  const wish = { agent: agent.name, scope: SCOPE, durationSeconds: 600, reason: "month end" };
  const narrow = { resources: ["/accounts/17/*"] };
  const { approvalId } = await requestApproval(as(analyst), { ...wish, limits: narrow });
  await vote(approvalId, "approve");
  const { change } = await briefDecider(as(approver), { id: await ask(agent.name) });
  expect(change).toMatchObject({ held: false, said: expect.stringContaining("narrower grant") });
});

test("the decider's own position is judged for the one who looks", async () => {
  const agent = await makeAgent(database.db, { zone: "front", ownerId: approver.id });
  const child = await makeAgent(database.db, { zone: "front", parentId: agent.id });
  const held = await makePerson(database.db, ["approver"]);
  const first = await ask(agent.name);
  const { digest } = await approvalById(database.db, first);
  await voteOnApproval(as(held), { id: first, digest, vote: "approve", reason: "fine" }, "totp");
  const id = await ask(child.name);
  const conflictsOf = async (who: Operator) =>
    (await briefDecider(as(who), { id })).conflicts.map((it) => it.id);
  expect(await conflictsOf(approver)).toContain("own-kin");
  expect(await conflictsOf(held)).not.toContain("own-kin");
});

test("who may not read approvals is told nothing", async () => {
  const agent = await makeAgent(database.db, { zone: "front" });
  const nobody = await makePerson(database.db, []);
  await expect(briefDecider(as(nobody), { id: await ask(agent.name) })).rejects.toMatchObject({
    code: "not_permitted",
  });
});
