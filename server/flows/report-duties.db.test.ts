import { eq, inArray } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { agents, containments, scopePolicies, users } from "../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../db/testing/test-database.ts";
import { changeRoles } from "../access/change-roles.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { readApproval } from "../layers/authorization/read-approval.ts";
import { requestApproval } from "../layers/authorization/request-approval.ts";
import {
  later,
  makeAgent,
  makePerson,
  NOW,
  type Operator,
} from "../layers/authorization/testing/people-and-agents.ts";
import { writePolicy } from "../layers/authorization/testing/write-policy.ts";
import { voteOnApproval } from "../layers/authorization/vote-on-approval.ts";
import { breakGlass } from "./break-glass.ts";
import { reportDuties } from "./report-duties.ts";
import { reviewBreakGlass } from "./review-break-glass.ts";

const DAY = 86_400;
let test: TestDatabase;
let analyst: Operator;
let approver: Operator;
let auditor: Operator;
const as = (actor: Operator, now = NOW) => ({ db: test.db, actor, now });
const report = (from: Date, to: Date, now = to) => reportDuties(as(auditor, now), { from, to });

beforeAll(async () => {
  test = await createTestDatabase();
  analyst = await makePerson(test.db, ["analyst"]);
  approver = await makePerson(test.db, ["approver"]);
  auditor = await makePerson(test.db, ["auditor"]);
  await writePolicy(test.db, {
    breakGlass: { people: [analyst.id], secondsMax: 600, reviewWithinSeconds: 3_600 },
  });
});
afterAll(() => test.close());

async function decided(now: Date, by = approver, asker = analyst): Promise<{ id: string; agent: string }> {
  const agent = await makeAgent(test.db);
  const wish = { agent: agent.name, scope: "payments:execute", durationSeconds: 600, reason: "Month end" };
  const { approvalId: id } = await requestApproval(as(asker, now), wish);
  const { digest } = await readApproval(as(asker, now), id);
  await voteOnApproval(as(by, now), { id, digest, vote: "approve", reason: "Looked at it" }, "totp");
  return { id, agent: agent.id };
}

describe("the report on separation of duties", () => {
  it("refuses whoever lacks the permission, and a period that is none or too long", async () => {
    const nobody = await makePerson(test.db, []);
    const period = { from: NOW, to: later(DAY) };
    await expect(reportDuties(as(nobody), period)).rejects.toMatchObject({ code: "not_permitted" });
    await expect(report(NOW, NOW)).rejects.toThrow(/begin before/);
    await expect(report(NOW, later(367 * DAY))).rejects.toThrow(/366 days/);
  });

  it("has every act of the period with who asked and who decided, and none of another", async () => {
    const start = later(10 * DAY);
    const { id } = await decided(start);
    await decided(new Date(start.getTime() - 1));
    await decided(later(11 * DAY));
    const { acts, counts, findings, cut } = await report(start, later(11 * DAY));
    expect(acts).toMatchObject([
      {
        ...{ key: `grant:${id}`, kind: "grant", outcome: "approved", href: `/approvals/${id}` },
        asked: { id: analyst.id, kind: "person" },
        decided: [{ id: approver.id, kind: "person" }],
      },
    ]);
    expect(counts).toMatchObject({ grant: 1, release: 0, policy: 0, trust: 0, "break-glass": 0 });
    expect([findings, cut]).toEqual([[], false]);
  });

  it("finds accounts that are gone, of both who proposed a policy and who approved it, and nothing in the set-up", async () => {
    const { acts, findings } = await report(NOW, later(1), later(1));
    expect(acts.map(({ key }) => key).sort()).toEqual(["policy:1", "policy:2"]);
    expect(findings).toEqual([]);
    const [row] = await test.db.select().from(scopePolicies).where(eq(scopePolicies.version, 2));
    const gone = [row?.createdBy ?? "", row?.approvedBy ?? ""];
    // Vigil itself only disables accounts; whoever holds the database as its owner can take them out.
    await expect(test.db.delete(users).where(inArray(users.id, gone))).rejects.toMatchObject({
      cause: { code: "42501" },
    });
    await test.asSuper((client) => client.query("delete from users where id = any($1)", [gone]));
    const after = await report(NOW, later(1), later(1));
    expect(after.findings.map(({ rule, acts: [act], text }) => [rule, act, text]).sort()).toEqual(
      gone
        .map((id) => [
          "party-unknown",
          "policy:2",
          `The account ${id}, a party to version 2 of the policy, cannot be found.`,
        ])
        .sort(),
    );
    expect(after.acts.find(({ key }) => key === "policy:2")).toMatchObject({
      asked: { id: gone[0], name: gone[0], kind: "unknown" },
      decided: [{ id: gone[1], name: gone[1], kind: "unknown" }],
    });
  });

  it("finds an owner who decided, even where they became it afterwards or own an agent above", async () => {
    const at = later(20 * DAY);
    const { id, agent } = await decided(at);
    await test.db.update(agents).set({ ownerId: approver.id }).where(eq(agents.id, agent));
    const { findings } = await report(at, later(21 * DAY));
    expect(findings).toMatchObject([{ rule: "owner-decided", severity: "critical", acts: [`grant:${id}`] }]);
  });

  it("finds two accounts of one person that came to share a mailbox", async () => {
    const at = later(25 * DAY);
    const [asker, voter] = [await makePerson(test.db, ["analyst"]), await makePerson(test.db, ["approver"])];
    await decided(at, voter, asker);
    await test.db
      .update(users)
      .set({ email: asker.email.replace("@", "+again@").toUpperCase() })
      .where(eq(users.id, voter.id));
    const { findings } = await report(at, later(26 * DAY));
    expect(findings.map(({ rule }) => rule)).toEqual(["asker-decided"]);
  });

  it("finds a role that whoever asked had given to whoever decided", async () => {
    const at = later(30 * DAY);
    const admin = await makePerson(test.db, ["admin", "analyst"]);
    const made = await makePerson(test.db, ["analyst"]);
    await changeRoles(as(admin, at), { userId: made.id, roles: ["approver"] });
    await decided(later(30 * DAY + 60), { ...made, roles: ["approver"] }, admin);
    const { findings } = await report(at, later(31 * DAY));
    expect(findings).toMatchObject([
      { rule: "role-from-party", text: expect.stringContaining(`given approver by ${admin.email}`) },
    ]);
  });

  it("finds every use of break-glass, overdue until it is reviewed, and late ever after", async () => {
    const at = later(40 * DAY);
    const agent = await makeAgent(test.db);
    const wish = { agent: agent.name, scope: "payments:execute", durationSeconds: 60 };
    const reason = "Nobody else could be reached";
    const { breakGlassId: id } = await breakGlass(as(analyst, at), { ...wish, reason }, "totp");
    const rulesAt = async (now: Date) =>
      (await report(at, later(41 * DAY), now)).findings.map(({ rule }) => rule);
    expect(await rulesAt(later(40 * DAY + 60))).toEqual(["break-glass-used"]);
    expect(await rulesAt(later(41 * DAY))).toEqual(["break-glass-used", "break-glass-unreviewed"]);
    const review = { id, verdict: "not-justified" as const, reason: "It could have waited" };
    await reviewBreakGlass(as(approver, later(41 * DAY)), review, "totp");
    expect(await rulesAt(later(42 * DAY))).toEqual([
      ...["break-glass-used", "break-glass-reviewed-late", "break-glass-not-justified"],
    ]);
  });

  it("finds what somebody with the database in hand wrote past four eyes", async () => {
    const at = later(50 * DAY);
    const agent = await makeAgent(test.db);
    await test.asSuper(async (client) => {
      await client.query("alter table containments disable trigger keep_release");
      await client.query(
        `insert into containments (id, agent_id, reason, requested_by, requested_at, status, release_requested_by,
           released_by, released_at) values ($1, $2, 'r', $3, $4, 'released', $3, $3, $4)`,
        [uuidv7(0), agent.id, analyst.id, at],
      );
      await client.query("alter table containments enable trigger keep_release");
    });
    expect(await test.db.select().from(containments).where(eq(containments.agentId, agent.id))).toHaveLength(
      1,
    );
    const { findings } = await report(at, later(51 * DAY));
    expect(findings).toMatchObject([{ rule: "asker-decided", severity: "critical" }]);
  });
});
