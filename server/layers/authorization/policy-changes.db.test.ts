import { desc, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  accessTokens,
  approvals,
  auditRecords,
  grants,
  policyProposals,
  scopePolicies,
  users,
} from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentPolicy } from "./current-policy.ts";
import { decideProposal } from "./decide-proposal.ts";
import { endOutdatedApprovals } from "./end-outdated-approvals.ts";
import { ensureDefaultPolicy } from "./ensure-default-policy.ts";
import { expireOverdueProposals } from "./expire-proposals.ts";
import { issueToken } from "./issue-token.ts";
import { PROPOSAL_OPEN_MS } from "./proposal-schema.ts";
import { proposePolicy } from "./propose-policy.ts";
import { readApproval } from "./read-approval.ts";
import { requestApproval } from "./request-approval.ts";
import { later, makeAgent, makePerson, NOW, type Operator, SYSTEM } from "./testing/people-and-agents.ts";
import { voteOnApproval } from "./vote-on-approval.ts";
import { withdrawProposal } from "./withdraw-proposal.ts";

let test: TestDatabase;
let proposer: Operator;
let officer: Operator;
const as = (actor: VerbContext["actor"], now = NOW): VerbContext => ({ db: test.db, actor, now });

beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
  proposer = await makePerson(test.db, ["admin"]);
});
afterAll(() => test.close());
beforeEach(async () => {
  officer = await makePerson(test.db, ["compliance"]);
});

/** A proposal that changes the trust which MEDIUM needs, or what is given. */
async function propose(change: object = {}, by = proposer, now = NOW) {
  const { version, mediumTrustAbove } = await currentPolicy(test.db);
  const set = { mediumTrustAbove: mediumTrustAbove === 0.9 ? 0.8 : 0.9 };
  const patch = Object.keys(change).length > 0 ? change : { set };
  const made = await proposePolicy(as(by, now), { baseVersion: version, patch, reason: "Tried it out" });
  return { id: made.proposalId, digest: made.digest, version: version + 1 };
}
type Proposed = { id: string; digest: string };

function decide({ id, digest }: Proposed, by: Operator, extra: object = {}, now = NOW) {
  const decision = { id, digest, decision: "approve" as const, reason: "Read it twice", ...extra };
  return decideProposal(as(by, now), decision, "totp");
}

const newestRecord = async (kind: string) => {
  const [row] = await test.db
    .select()
    .from(auditRecords)
    .where(eq(auditRecords.kind, kind))
    .orderBy(desc(auditRecords.ord))
    .limit(1);
  return row ? (JSON.parse(row.body.toString("utf8")) as { details: Record<string, unknown> }) : null;
};
const ruleNow = async (scope: string) =>
  (await currentPolicy(test.db)).scopes.find((rule) => rule.scope === scope);
/** Refused by the table of the second person, by this check; and nothing is in force. */
async function refusedBy(check: string, deciding: () => Promise<unknown>): Promise<void> {
  const before = (await currentPolicy(test.db)).version;
  await expect(deciding()).rejects.toMatchObject({ code: "decision_refused", facts: { check } });
  expect((await currentPolicy(test.db)).version).toBe(before);
}

describe("proposing", () => {
  it("refuses whoever lacks the permission, and whoever is no person", async () => {
    await expect(propose({}, officer)).rejects.toMatchObject({ code: "not_permitted" });
    const input = { baseVersion: 1, patch: {}, reason: "By a duty" };
    await expect(proposePolicy(as(SYSTEM), input)).rejects.toMatchObject({ code: "person_needed" });
  });

  it("changes nothing, and is recorded with what would change and which way it goes", async () => {
    const before = await currentPolicy(test.db);
    const { id } = await propose({ set: { mediumTrustAbove: 0.1 } });
    expect(await currentPolicy(test.db)).toEqual(before);
    const record = await newestRecord("policy.proposed");
    expect(record?.details).toMatchObject({
      proposalId: id,
      changes: [{ path: "mediumTrustAbove", effect: "loosens" }],
    });
  });

  it("refuses what is no policy, what changes nothing, and people who are not there", async () => {
    const cloud = await ruleNow("cloud:write");
    const twice = { scopes: { put: [{ ...cloud, scope: "cloud:other" }] } };
    await expect(propose(twice)).rejects.toMatchObject({ code: "policy_invalid", status: 400 });
    await expect(propose({ scopes: {} })).rejects.toMatchObject({ code: "nothing_changes" });
    const gone = { put: [{ name: "desk", title: "Desk", members: ["nobody"] }] };
    await expect(propose({ approverGroups: gone })).rejects.toMatchObject({ code: "person_unknown" });
  });

  it("on a version that counts no more is a conflict that says what changed meanwhile", async () => {
    const { version } = await currentPolicy(test.db);
    await decide(await propose({ set: { reaskAfterSeconds: 60 + version } }), officer);
    const stale = { baseVersion: version, patch: { set: { mediumTrustAbove: 0.7 } }, reason: "Too late" };
    const error = await proposePolicy(as(proposer), stale).catch((it: unknown) => it);
    expect(error).toMatchObject({ code: "policy_moved_on", status: 409 });
    expect(String(error)).toContain("After a denial an agent asks anew");
  });

  it("is taken back by the proposer alone, and once", async () => {
    const { id } = await propose();
    const other = await makePerson(test.db, ["admin"]);
    await expect(withdrawProposal(as(officer), { id })).rejects.toMatchObject({ code: "not_permitted" });
    await expect(withdrawProposal(as(other), { id })).rejects.toMatchObject({ code: "not_proposer" });
    await withdrawProposal(as(proposer), { id });
    await expect(withdrawProposal(as(proposer), { id })).rejects.toMatchObject({ code: "proposal_decided" });
    const refused = await test.db
      .select({ body: auditRecords.body })
      .from(auditRecords)
      .where(eq(auditRecords.kind, "policy.withdrawal_refused"));
    const said = refused.map(({ body }) => JSON.parse(body.toString("utf8")) as Record<string, unknown>);
    expect(said.map(({ actor, checks }) => [actor, checks])).toMatchObject([
      [{ id: other.id }, [{ id: "not_proposer", passed: false }]],
      [{ id: proposer.id }, [{ id: "proposal_decided", passed: false }]],
    ]);
  });
});

describe("a second person", () => {
  it("puts it in force, with who, who else, why and the whole difference in one record", async () => {
    const asked = await propose({ set: { tokenSecondsMax: 1_800 } });
    await expect(decide(asked, officer)).resolves.toEqual({ version: asked.version });
    expect(await currentPolicy(test.db)).toMatchObject({ version: asked.version, tokenSecondsMax: 1_800 });
    const [row] = await test.db.select().from(scopePolicies).where(eq(scopePolicies.version, asked.version));
    expect(row).toMatchObject({ createdBy: proposer.id, approvedBy: officer.id, reason: "Tried it out" });
    const record = await newestRecord("policy.changed");
    expect(record).toMatchObject({
      outcome: "allow",
      policyVersion: asked.version,
      actor: { id: officer.id },
    });
    expect(record?.details).toMatchObject({
      ...{ proposalDigest: asked.digest, stepUp: "totp", fromVersion: asked.version - 1 },
      ...{ proposedBy: proposer.id, decisionReason: "Read it twice" },
      changes: [{ path: "tokenSecondsMax", before: 3_600, after: 1_800, effect: "tightens" }],
    });
  });

  it("needs the permission, a second factor, and to be a person", async () => {
    const asked = await propose();
    const analyst = await makePerson(test.db, ["analyst", "approver"]);
    await expect(decide(asked, analyst)).rejects.toMatchObject({ code: "not_permitted" });
    const wish = { ...asked, decision: "approve" as const, reason: "By a duty" };
    await expect(decideProposal(as(officer), wish, "")).rejects.toMatchObject({ code: "decision_refused" });
    await expect(decideProposal(as(SYSTEM), wish, "totp")).rejects.toMatchObject({
      code: "decision_refused",
    });
  });

  it("is not the proposer, not by another account, not by a key, not with another role", async () => {
    const asked = await propose();
    const [local, domain] = proposer.email.split("@");
    const second = await makePerson(test.db, ["compliance"], `${local?.toUpperCase()}+two@${domain}`);
    await refusedBy("not-proposer", () => decide(asked, proposer));
    await refusedBy("not-proposer", () => decide(asked, second));
    await refusedBy("in-person", () => decide(asked, { ...officer, sessionId: null, apiKeyId: "key" }));
    await test.db.update(users).set({ roles: "compliance,admin" }).where(eq(users.id, proposer.id));
    await refusedBy("not-proposer", () => decide(asked, { ...proposer, roles: ["compliance", "admin"] }));
    expect(await newestRecord("policy.decision_refused")).toMatchObject({
      outcome: "deny",
      details: { proposalId: asked.id },
    });
  });

  it("holds the permission now: not one who was demoted or disabled after they signed in", async () => {
    const asked = await propose();
    await test.db.update(users).set({ roles: "auditor" }).where(eq(users.id, officer.id));
    await refusedBy("may-decide", () => decide(asked, officer));
    await test.db.update(users).set({ roles: "compliance", disabledAt: NOW }).where(eq(users.id, officer.id));
    await refusedBy("may-decide", () => decide(asked, officer));
  });

  it("is not one whom the change makes an approver or lets break glass, by any account", async () => {
    const member = await makePerson(test.db, ["approver"], officer.email.replace("@", "+approver@"));
    const group = { put: [{ name: "desk", title: "The desk", members: [member.id] }] };
    await refusedBy("no-interest", async () => decide(await propose({ approverGroups: group }), officer));
    const { breakGlass } = await currentPolicy(test.db);
    const glass = await propose({ set: { breakGlass: { ...breakGlass, people: [officer.id] } } });
    await refusedBy("no-interest", () => decide(glass, officer));
    const other = await makePerson(test.db, ["admin"]);
    await expect(decide(glass, other)).resolves.toEqual({ version: glass.version });
  });

  it("decides what they saw: another digest or an edited row is a conflict", async () => {
    const asked = await propose();
    await refusedBy("same-proposal", () => decide({ ...asked, digest: `sha256:${"0".repeat(64)}` }, officer));
    await test.asSuper((client) =>
      client.query(
        `update policy_proposals set document = jsonb_set(document, '{tokenSecondsMax}', '60') where id = $1`,
        [asked.id],
      ),
    );
    await refusedBy("same-proposal", () => decide(asked, officer));
  });

  it("rejects with a reason, and nothing follows", async () => {
    const asked = await propose();
    const no = { decision: "reject" as const, reason: "No ticket" };
    await expect(decide(asked, officer, no)).resolves.toEqual({ version: null });
    const [row] = await test.db.select().from(policyProposals).where(eq(policyProposals.id, asked.id));
    expect(row).toMatchObject({ status: "rejected", decisionReason: "No ticket", version: null });
    await refusedBy("open", () => decide(asked, officer));
  });
});

describe("many at once", () => {
  it("twenty decisions on one proposal make one version", async () => {
    const asked = await propose();
    const deciders = await Promise.all(Array.from({ length: 20 }, () => makePerson(test.db, ["compliance"])));
    const outcomes = await Promise.allSettled(deciders.map((by) => decide(asked, by)));
    expect(outcomes.filter((it) => it.status === "fulfilled")).toHaveLength(1);
    for (const it of outcomes)
      if (it.status === "rejected")
        expect(it.reason).toMatchObject({ status: 409, facts: { check: "open" } });
    expect((await currentPolicy(test.db)).version).toBe(asked.version);
  });

  it("of two proposals approved at once one wins, and the other says that its base is gone", async () => {
    const two = [
      await propose({ set: { reaskAfterSeconds: 7 } }),
      await propose({ set: { reaskAfterSeconds: 8 } }),
    ];
    const outcomes = await Promise.allSettled(two.map((it) => decide(it, officer)));
    expect(outcomes.map((it) => it.status).sort()).toEqual(["fulfilled", "rejected"]);
    const rows = await test.db
      .select()
      .from(policyProposals)
      .where(eq(policyProposals.version, two[0]?.version ?? 0));
    expect(rows).toHaveLength(1);
    const lost = outcomes.find((it) => it.status === "rejected");
    expect(lost?.reason).toMatchObject({ status: 409 });
  });

  it("no token is given by a version while the next one ends what it allowed", async () => {
    const agents = await Promise.all(Array.from({ length: 12 }, () => makeAgent(test.db)));
    for (const { id } of agents) await standing(id, "cloud:read");
    const rule = await ruleNow("cloud:read");
    const asked = await propose({ scopes: { remove: ["cloud:read"] } });
    await Promise.allSettled([
      ...agents.slice(0, 6).map(({ id }) => token(id)),
      decide(asked, officer),
      ...agents.slice(6).map(({ id }) => token(id)),
    ]);
    for (const { id } of agents) {
      const tokens = await test.db.select().from(accessTokens).where(eq(accessTokens.agentId, id));
      for (const it of tokens) expect(it.revokedAt, `under version ${it.policyVersion}`).not.toBeNull();
    }
    await decide(await propose({ scopes: { put: [rule] } }), officer);
  });
});

async function standing(agentId: string, scope: string, as: object = {}): Promise<string> {
  const id = crypto.randomUUID();
  await test.db
    .insert(grants)
    .values({ id, agentId, scope, policyVersion: 1, grantedBy: "test", grantedAt: NOW, ...as });
  return id;
}

function token(agentId: string) {
  const ask = { requested: [], thumbprint: "t", boundUntil: later(86_400), now: NOW };
  return test.db.transaction((tx) => issueToken(tx, { ...ask, agentId }));
}

describe("what a new version takes away", () => {
  it("ends grants of a scope whose risk rose or that is gone, with their tokens; the others live on", async () => {
    const agent = await makeAgent(test.db);
    const raised = await standing(agent.id, "cloud:read");
    const kept = await standing(agent.id, "transactions:read");
    await token(agent.id);
    const rule = await ruleNow("cloud:read");
    const steps = [{ title: "Approval", needs: [{ from: "approvers", votes: 1 }] }];
    const guarded = { ...rule, risk: "MEDIUM", group: "elevated", secondsMax: 3_600, steps };
    await decide(await propose({ scopes: { put: [guarded] } }), officer);
    const rows = await test.db.select().from(grants).where(eq(grants.agentId, agent.id));
    expect(rows.find(({ id }) => id === raised)?.revokeReason).toContain("guards it more");
    expect(rows.find(({ id }) => id === kept)?.revokedAt).toBeNull();
    const [dead] = await test.db.select().from(accessTokens).where(eq(accessTokens.agentId, agent.id));
    expect(dead?.revokedAt).toEqual(NOW);
    const decision = await token(agent.id);
    expect(decision.granted.map(({ scope }) => scope)).toEqual(["transactions:read"]);
    expect((await newestRecord("policy.changed"))?.details).toMatchObject({
      ended: { scopes: ["cloud:read"], grants: 1, tokens: 1 },
    });
  });

  it("ends requests that wait, with a reason; asking again is asking under the new version", async () => {
    const agent = await makeAgent(test.db);
    const asks = { agent: agent.name, scope: "payments:execute", durationSeconds: 600, reason: "Month end" };
    const analyst = await makePerson(test.db, ["analyst"]);
    const { approvalId } = await requestApproval(as(analyst), asks);
    const { version } = await propose().then(async (it) => ({ ...it, ...(await decide(it, officer)) }));
    const [row] = await test.db.select().from(approvals).where(eq(approvals.id, approvalId));
    expect(row).toMatchObject({ status: "expired", decidedAt: NOW });
    expect(row?.decisionReason).toContain(`version ${version}`);
    const again = await requestApproval(as(analyst), asks);
    const [fresh] = await test.db.select().from(approvals).where(eq(approvals.id, again.approvalId));
    expect(fresh?.policyVersion).toBe(version);
    expect(await test.db.transaction((tx) => endOutdatedApprovals(tx, NOW))).toBe(0);
  });
});

describe("a request that somebody votes on at this moment", () => {
  it("does not hold the change up, counts no vote afterwards, and is ended by the duty", async () => {
    const agent = await makeAgent(test.db);
    const analyst = await makePerson(test.db, ["analyst"]);
    const asks = { agent: agent.name, scope: "payments:execute", durationSeconds: 600, reason: "Month end" };
    const { approvalId } = await requestApproval(as(analyst), asks);
    const statusNow = async () =>
      (await test.db.select().from(approvals).where(eq(approvals.id, approvalId)))[0]?.status;
    const asked = await propose();
    await test.asSuper(async (voter) => {
      await voter.query("begin");
      await voter.query("select 1 from approvals where id = $1 for update", [approvalId]);
      await expect(decide(asked, officer)).resolves.toEqual({ version: asked.version });
      expect(await statusNow()).toBe("pending");
      await voter.query("rollback");
    });
    const { digest } = await readApproval(as(officer), approvalId);
    const vote = { id: approvalId, digest, vote: "approve" as const, reason: "Too late" };
    const approver = await makePerson(test.db, ["approver"]);
    await expect(voteOnApproval(as(approver), vote, "totp")).rejects.toMatchObject({
      facts: { check: "policy-unchanged" },
    });
    expect(await test.db.transaction((tx) => endOutdatedApprovals(tx, NOW))).toBe(1);
    expect(await statusNow()).toBe("expired");
  });
});

describe("time", () => {
  it("never approves: after seven days a proposal takes no decision, and the duty ends it on record", async () => {
    const asked = await propose();
    const end = new Date(NOW.getTime() + PROPOSAL_OPEN_MS);
    await refusedBy("open", () => decide(asked, officer, {}, end));
    await test.db.transaction((tx) => expireOverdueProposals(tx, end));
    const [row] = await test.db.select().from(policyProposals).where(eq(policyProposals.id, asked.id));
    expect(row).toMatchObject({ status: "expired", decisionReason: "Nobody decided in time." });
    expect(await newestRecord("policy.proposal_expired")).toMatchObject({ outcome: "deny" });
  });

  it("a moment before the end a decision still counts", async () => {
    const asked = await propose();
    const before = new Date(NOW.getTime() + PROPOSAL_OPEN_MS - 1);
    await expect(decide(asked, officer, {}, before)).resolves.toEqual({ version: asked.version });
  });
});

describe("the database keeps it too, whoever writes", () => {
  const insert = (values: object) =>
    currentPolicy(test.db).then(({ version, ...rest }) =>
      test.db.insert(scopePolicies).values({
        ...{ version: version + 1, createdBy: "one", approvedBy: "two", reason: "Tried it out" },
        ...{ document: { ...rest, version: version + 1 }, createdAt: NOW },
        ...values,
      }),
    );

  it("a version that no second person approved is not written", async () => {
    await expect(insert({})).rejects.toMatchObject({ cause: { code: "23514" } });
    const { id, version } = await propose();
    const decision = { status: "approved", decidedBy: officer.id, decidedAt: NOW, stepUp: "totp", version };
    await test.db.update(policyProposals).set(decision).where(eq(policyProposals.id, id));
    const people = { createdBy: proposer.id, approvedBy: officer.id };
    await expect(insert(people)).rejects.toMatchObject({ cause: { code: "23514" } });
    const [row] = await test.db.select().from(policyProposals).where(eq(policyProposals.id, id));
    const document = row?.document as object;
    await expect(insert({ document, createdBy: proposer.id })).rejects.toMatchObject({
      cause: { code: "23514" },
    });
    await expect(insert({ document, ...people })).resolves.toBeDefined();
  });

  it("a proposal is not approved by who made it, and not decided twice", async () => {
    const { id } = await propose();
    const write = (values: object) =>
      test.db.update(policyProposals).set(values).where(eq(policyProposals.id, id));
    await expect(write({ status: "approved", decidedBy: proposer.id })).rejects.toMatchObject({
      cause: { code: "23514" },
    });
    await write({ status: "rejected", decidedBy: officer.id });
    await expect(write({ status: "pending" })).rejects.toMatchObject({ cause: { code: "23514" } });
  });
});
