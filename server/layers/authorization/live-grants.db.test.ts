import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grants } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import { grantBaseScopes } from "./grant-base-scopes.ts";
import type { ListLiveGrantsInput } from "./grants-schema.ts";
import { listLiveGrants } from "./list-live-grants.ts";
import { listUnusedGrants } from "./list-unused-grants.ts";
import { readApproval } from "./read-approval.ts";
import { requestApproval } from "./request-approval.ts";
import { revokeGrant } from "./revoke-grant.ts";
import type { AgentRow } from "./store.ts";
import { later, makeAgent, makePerson, NOW, type Operator, SYSTEM } from "./testing/people-and-agents.ts";
import { writePolicy } from "./testing/write-policy.ts";
import { voteOnApproval } from "./vote-on-approval.ts";

const DAY = 86_400;
let test: TestDatabase;
let analyst: Operator;
let approver: Operator;
let agent: AgentRow;
let other: AgentRow;
let approved: string;
const as = (actor: Operator, now = NOW) => ({ db: test.db, actor, now });
const live = (input: ListLiveGrantsInput = {}, now = later(60)) => listLiveGrants(as(analyst, now), input);
const unused = (now: Date) => listUnusedGrants(as(analyst, now), {});

beforeAll(async () => {
  test = await createTestDatabase();
  await writePolicy(test.db);
  analyst = await makePerson(test.db, ["analyst"]);
  approver = await makePerson(test.db, ["approver"]);
  agent = await makeAgent(test.db);
  other = await makeAgent(test.db);
  const scopes = ["transactions:read", "alerts:create"];
  for (const { id } of [agent, other])
    await test.db.transaction((tx) => grantBaseScopes(tx, { agentId: id, scopes, actor: SYSTEM, now: NOW }));
  const wish = { agent: agent.name, scope: "payments:execute", durationSeconds: 3_600, resource: "Batch 7" };
  const { approvalId: id } = await requestApproval(as(analyst), { ...wish, reason: "Month end run" });
  const { digest } = await readApproval(as(analyst), id);
  const vote = { id, digest, vote: "approve" as const, reason: "Checked it" };
  approved = (await voteOnApproval(as(approver, later(1)), vote, "totp")).grantId ?? "";
});
afterAll(() => test.close());

describe("the list of live grants", () => {
  it("refuses whoever lacks the permission", async () => {
    const nobody = await makePerson(test.db, []);
    await expect(listLiveGrants(as(nobody), {})).rejects.toMatchObject({ code: "not_permitted" });
    await expect(listUnusedGrants(as(nobody), {})).rejects.toMatchObject({ code: "not_permitted" });
  });

  it("says of each who decided it, what for and when it was last used", async () => {
    const { grants: all, total } = await live();
    expect(total).toBe(5);
    expect(all[0]).toMatchObject({
      ...{ id: approved, agentName: agent.name, risk: "HIGH", by: "approval", live: true },
      ...{ resource: "Batch 7", reason: "Month end run", lastUsedAt: null, unusedSince: later(1) },
      grantedByPeople: [{ userId: approver.id, name: approver.email }],
    });
    expect(all[4]).toMatchObject({ by: "standing", resource: null, expiresAt: null });
  });

  it("gives every grant once, whatever the page's length, though many came at one instant", async () => {
    const whole = (await live()).grants.map(({ id }) => id);
    for (const limit of [1, 2, 3, 4, 5]) {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await live({ limit, cursor });
        ids.push(...page.grants.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(ids, String(limit)).toEqual(whole);
    }
  });

  it("is narrowed by agent, scope, risk and how it was given", async () => {
    const idsOf = async (input: ListLiveGrantsInput) => (await live(input)).total;
    expect(await idsOf({ agent: agent.name })).toBe(3);
    expect(await idsOf({ scope: "alerts:create" })).toBe(2);
    expect(await idsOf({ risk: "HIGH" })).toBe(1);
    expect(await idsOf({ risk: "HIGH", scope: "alerts:create" })).toBe(0);
    expect(await idsOf({ by: "approval" })).toBe(1);
    expect(await idsOf({ by: "standing", agent: other.id })).toBe(2);
    expect(await idsOf({ by: "break-glass" })).toBe(0);
  });

  it("refuses a cursor that it never gave, and an agent that is not there", async () => {
    for (const cursor of ["x", "2026-11-23T12:00:00.000Z~1", "' or 1=1 --"])
      await expect(live({ cursor })).rejects.toMatchObject({ code: "cursor_invalid" });
    await expect(live({ agent: "nobody-here" })).rejects.toMatchObject({ code: "agent_unknown" });
  });

  it("leaves out what has ended", async () => {
    expect((await live({}, later(3_700))).total).toBe(4);
  });
});

it("a grant unused for thirty days is proposed for removal, to the second, and revoking it takes it off", async () => {
  expect((await unused(later(30 * DAY - 1))).total).toBe(0);
  const proposed = await unused(later(30 * DAY));
  expect(proposed.total).toBe(4);
  expect(proposed.grants.every((grant) => grant.proposedForRemoval)).toBe(true);
  const [used, idle] = proposed.grants;
  await test.db
    .update(grants)
    .set({ lastUsedAt: later(DAY) })
    .where(eq(grants.id, used?.id ?? ""));
  const left = await unused(later(30 * DAY));
  expect(left.grants.map(({ id }) => id)).not.toContain(used?.id);
  expect((await unused(later(31 * DAY))).grants.map(({ id }) => id)).toContain(used?.id);
  const reason = "Unused for thirty days";
  await revokeGrant(as(analyst, later(30 * DAY)), { grantId: idle?.id ?? "", reason });
  expect((await unused(later(30 * DAY))).total).toBe(2);
});
