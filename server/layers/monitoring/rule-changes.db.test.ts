import { randomBytes, randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase } from "../../../db/client.ts";
import { auditRecords, ruleProposals, ruleSets, users } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { Role } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentRules, FIRST_RULES } from "./current-rules.ts";
import { decideRuleProposal } from "./decide-rule-proposal.ts";
import { BUILT_IN_RULES } from "./engine/rules/built-in-rules.ts";
import { ensureDefaultRules } from "./ensure-default-rules.ts";
import { expireRuleProposals } from "./expire-rule-proposals.ts";
import { listRuleProposals } from "./list-rule-proposals.ts";
import { listRuleVersions } from "./list-rule-versions.ts";
import { proposeRules } from "./propose-rules.ts";
import { readRules } from "./read-rules.ts";
import { RULE_PROPOSAL_OPEN_MS } from "./rule-change-schema.ts";
import { startRuleDryRun } from "./start-rule-dry-run.ts";
import { type Operator, SYSTEM } from "./testing/agents-and-people.ts";
import { withdrawRuleProposal } from "./withdraw-rule-proposal.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
let test: TestDatabase;
let proposer: Operator;
let decider: Operator;
const as = (actor: VerbContext["actor"], now = NOW): VerbContext => ({ db: test.db, actor, now });

async function person(
  roles: Role[],
  email = `${randomBytes(4).toString("hex")}@bank.example`,
): Promise<Operator> {
  const id = randomUUID();
  const at = { createdAt: NOW, updatedAt: NOW };
  await test.db.insert(users).values({ id, name: email, email, roles: roles.join(","), ...at });
  return { type: "operator", id, email, roles, sessionId: randomUUID() };
}

beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultRules(test.db, NOW);
  proposer = await person(["analyst"]);
});
afterAll(() => test.close());
beforeEach(async () => {
  decider = await person(["approver"]);
});

/** A rule with another number and examples that fit it. */
function tuned(above: number) {
  const rule = structuredClone(BUILT_IN_RULES.find(({ id }) => id === "refused-again-and-again"));
  if (rule?.condition.kind !== "rate") throw new Error("the rule is of another kind");
  rule.condition.above = above;
  const step = rule.examples[0]?.steps[0];
  if (step) step.times = above + 1;
  if (step) step.everyMs = 10;
  return rule as unknown as Record<string, unknown>;
}
let next = 60;
async function propose(by = proposer, now = NOW) {
  const { version } = await currentRules(test.db);
  const change = { baseVersion: version, put: [tuned(next++)], reason: "Fewer of the kind" };
  const { proposalId, digest } = await proposeRules(as(by, now), change);
  return { id: proposalId, digest, version: version + 1 };
}
function decide({ id, digest }: { id: string; digest: string }, by: Operator, extra: object = {}, now = NOW) {
  const wish = { id, digest, decision: "approve" as const, reason: "Read it twice", ...extra };
  return decideRuleProposal(as(by, now), wish, "totp");
}
const newestRecord = async (kind: string) => {
  const rows = await test.db.select().from(auditRecords).where(eq(auditRecords.kind, kind));
  const row = rows.at(-1);
  return row ? (JSON.parse(row.body.toString("utf8")) as { details: Record<string, unknown> }) : null;
};
async function refusedBy(check: string, deciding: () => Promise<unknown>): Promise<void> {
  const before = (await currentRules(test.db)).version;
  await expect(deciding()).rejects.toMatchObject({ code: "decision_refused", facts: { check } });
  expect((await currentRules(test.db)).version).toBe(before);
}

it("the set-up writes version 1 once, however many start at once", async () => {
  await Promise.all([ensureDefaultRules(test.db, NOW), ensureDefaultRules(test.db, NOW)]);
  expect((await test.db.select().from(ruleSets)).filter(({ version }) => version === 1)).toHaveLength(1);
});

describe("proposing rules", () => {
  it("refuses whoever lacks the permission, and whoever is no person", async () => {
    for (const roles of [["approver"], ["compliance"], ["auditor"]] as Role[][])
      await expect(propose(await person(roles))).rejects.toMatchObject({ code: "not_permitted" });
    const change = { baseVersion: 1, remove: ["data-volume"], reason: "By a duty" };
    await expect(proposeRules(as(SYSTEM), change)).rejects.toMatchObject({ code: "person_needed" });
  });

  it("refuses a version whose own examples fail, saying which", async () => {
    const { version } = await currentRules(test.db);
    const weak = {
      ...tuned(60),
      condition: { kind: "rate", where: { refused: true }, above: 9_999, seconds: 60 },
    };
    await expect(
      proposeRules(as(proposer), { baseVersion: version, put: [weak], reason: "Quieter" }),
    ).rejects.toMatchObject({
      code: "rules_invalid",
      message: expect.stringContaining("it does not fire for"),
    });
  });

  it.each([
    ["a rule that is none", { put: [{ id: "x", condition: { kind: "javascript" } }] }, "rules_invalid"],
    ["a rule with a name of another's", { put: [tuned(60), tuned(60)] }, null],
    ["nothing", { put: [BUILT_IN_RULES[0] as unknown as Record<string, unknown>] }, "nothing_changes"],
  ])("%s", async (_, change, code) => {
    const { version } = await currentRules(test.db);
    const proposing = proposeRules(as(proposer), { baseVersion: version, reason: "Tried it", ...change });
    if (code) await expect(proposing).rejects.toMatchObject({ code });
    else await expect(proposing).resolves.toHaveProperty("proposalId");
  });

  it("a base that counts no more is refused", async () => {
    const change = { baseVersion: 99, remove: ["data-volume"], reason: "Too late" };
    await expect(proposeRules(as(proposer), change)).rejects.toMatchObject({ code: "rules_moved_on" });
  });

  it("changes nothing until somebody else decides", async () => {
    const before = await currentRules(test.db);
    await propose();
    expect(await currentRules(test.db)).toEqual(before);
    expect(await newestRecord("rules.proposed")).toMatchObject({
      details: { changes: [{ rule: "refused-again-and-again", how: "changed", loosens: true }] },
    });
  });
});

describe("deciding", () => {
  it("a second person puts the version in force, word for word, with a record that names both", async () => {
    const made = await propose();
    expect(await decide(made, decider)).toEqual({ version: made.version });
    const [row] = await test.db.select().from(ruleSets).where(eq(ruleSets.version, made.version));
    expect(row).toMatchObject({
      createdBy: proposer.id,
      approvedBy: decider.id,
      reason: "Fewer of the kind",
    });
    expect(await newestRecord("rules.changed")).toMatchObject({
      details: {
        version: made.version,
        proposedBy: proposer.id,
        stepUp: "totp",
        proposalDigest: made.digest,
      },
    });
  });

  it("refuses who proposed it, also by a second account of the same mailbox and by another role", async () => {
    const both = await person(["analyst", "approver"], "ann@bank.example");
    const made = await propose(both);
    await refusedBy("not-proposer", () => decide(made, both));
    const other = await person(["approver"], "ANN+night@bank.example");
    await refusedBy("not-proposer", () => decide(made, other));
  });

  it("refuses whoever lacks the permission, lost it since, is disabled, or comes with an API key", async () => {
    const made = await propose();
    await expect(decide(made, await person(["admin"]))).rejects.toMatchObject({ code: "not_permitted" });
    const demoted = await person(["approver"]);
    await test.db.update(users).set({ roles: "auditor" }).where(eq(users.id, demoted.id));
    await refusedBy("may-decide", () => decide(made, demoted));
    const gone = await person(["approver"]);
    await test.db.update(users).set({ disabledAt: NOW }).where(eq(users.id, gone.id));
    await refusedBy("may-decide", () => decide(made, gone));
    await refusedBy("in-person", () => decide(made, { ...decider, sessionId: null, apiKeyId: "key" }));
    expect(await newestRecord("rules.decision_refused")).toMatchObject({ details: { proposalId: made.id } });
  });

  it("counts for what was seen alone, before its end, once, and for the base that counts", async () => {
    const made = await propose();
    await refusedBy("same-proposal", () => decide({ ...made, digest: `sha256:${"0".repeat(64)}` }, decider));
    const later = new Date(NOW.getTime() + RULE_PROPOSAL_OPEN_MS);
    await refusedBy("open", () => decide(made, decider, {}, later));
    const other = await propose();
    await decide(made, decider);
    const late = await person(["compliance"]);
    await refusedBy("open", () => decide(made, late));
    await refusedBy("open", () => decide(other, decider));
  });

  it("of two who decide at once, one does", async () => {
    const made = await propose();
    const others = await Promise.all([person(["approver"]), person(["compliance"])]);
    const done = await Promise.allSettled(others.map((by) => decide(made, by)));
    expect(done.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const versions = await test.db.select().from(ruleSets).where(eq(ruleSets.version, made.version));
    expect(versions).toHaveLength(1);
  });

  it("a rejection leaves the rules as they are and the proposal closed", async () => {
    const made = await propose();
    expect(await decide(made, decider, { decision: "reject" })).toEqual({ version: null });
    await refusedBy("open", () => decide(made, decider));
  });
});

it("rolling back is a new version with the rules of the old one, decided by two as any other", async () => {
  await decide(await propose(), decider);
  const { version } = await currentRules(test.db);
  const back = await proposeRules(as(proposer), {
    baseVersion: version,
    rollBackTo: 1,
    reason: "It was noisy",
  });
  const made = { id: back.proposalId, digest: back.digest };
  // A session that says more than the database does.
  await refusedBy("may-decide", () => decide(made, { ...proposer, roles: ["approver"] }));
  expect(await decide(made, decider)).toEqual({ version: version + 1 });
  expect((await currentRules(test.db)).rules).toEqual(FIRST_RULES.rules);
  const { versions } = await listRuleVersions(as(decider));
  expect(versions[0]).toMatchObject({ version: version + 1, approvedBy: { id: decider.id } });
  const unknown = { baseVersion: version + 1, rollBackTo: 999, reason: "To nothing" };
  await expect(proposeRules(as(proposer), unknown)).rejects.toMatchObject({ code: "version_unknown" });
});

it("a proposal is withdrawn by who made it alone, and ends after seven days", async () => {
  const made = await propose();
  const other = await person(["analyst"]);
  await expect(withdrawRuleProposal(as(other), made)).rejects.toMatchObject({ code: "not_proposer" });
  await expect(withdrawRuleProposal(as(decider), made)).rejects.toMatchObject({ code: "not_permitted" });
  await withdrawRuleProposal(as(proposer), made);
  await expect(withdrawRuleProposal(as(proposer), made)).rejects.toMatchObject({ code: "proposal_decided" });
  const old = await propose();
  const later = new Date(NOW.getTime() + RULE_PROPOSAL_OPEN_MS);
  await test.db.transaction((tx) => expireRuleProposals(tx, later));
  const { proposals } = await listRuleProposals(as(decider), {});
  expect(proposals.find(({ id }) => id === old.id)).toMatchObject({ status: "expired" });
});

describe("the database refuses, whoever writes", () => {
  const document = () => JSON.stringify({ version: 0, rules: [] });
  it("a version that nobody decided, or that its proposer approved", async () => {
    const { version } = await currentRules(test.db);
    await expect(
      test.db.insert(ruleSets).values({
        ...{ version: version + 1, document: { version: version + 1, rules: [] }, reason: "By hand" },
        ...{ createdBy: proposer.id, approvedBy: decider.id, createdAt: NOW },
      }),
    ).rejects.toMatchObject({ cause: { code: "23514" } });
    const made = await propose();
    const approve = (by: string, more = "") =>
      test.db.execute(sql`update rule_proposals set status = 'approved', decided_by = ${by}, decided_at = ${NOW},
        step_up = ${more}, version = base_version + 1 where id = ${made.id}`);
    await expect(approve(proposer.id, "totp")).rejects.toMatchObject({ cause: { code: "23514" } });
    await expect(approve(decider.id, "")).rejects.toMatchObject({ cause: { code: "23514" } });
    const twin = await person(["approver"], proposer.email.replace("@", "+2@"));
    await expect(approve(twin.id, "totp")).rejects.toMatchObject({ cause: { code: "23514" } });
  });

  it("a proposal that begins decided, or is decided twice", async () => {
    const row = {
      ...{ id: randomUUID(), baseVersion: 1, document: document(), digest: "x", reason: "By hand" },
      ...{ proposedBy: proposer.id, proposedAt: NOW, expiresAt: new Date(NOW.getTime() + 1_000) },
    };
    await expect(
      test.db.insert(ruleProposals).values({ ...row, status: "approved", decidedBy: decider.id }),
    ).rejects.toMatchObject({ cause: { code: "23514" } });
    const made = await propose();
    await decide(made, decider, { decision: "reject" });
    await expect(
      test.db.update(ruleProposals).set({ status: "pending" }).where(eq(ruleProposals.id, made.id)),
    ).rejects.toMatchObject({ cause: { code: "23514" } });
  });

  it("a proposal whose document was edited: its decision counts for nothing", async () => {
    const made = await propose();
    const owner = createDatabase(test.urls.owner, { applicationName: "test", poolSize: 1 });
    await owner.execute(sql`
      update rule_proposals set document = jsonb_set(document, '{rules,0,enabled}', 'false') where id = ${made.id}`);
    await owner.$client.end();
    await refusedBy("same-proposal", () => decide(made, decider));
  });
});

it("the list shows each rule with what it found, to everybody who reads alerts and to nobody else", async () => {
  const view = await readRules(as(await person(["auditor"])));
  expect(view.rules.length).toBe(FIRST_RULES.rules.length);
  expect(view.rules[0]).toMatchObject({ lastFiredAt: null, alerts: 0, closed: 0 });
  await expect(readRules(as(await person([])))).rejects.toMatchObject({ code: "not_permitted" });
  await expect(startRuleDryRun(as(await person([])), { rules: [tuned(60)] })).rejects.toMatchObject({
    code: "not_permitted",
  });
});
