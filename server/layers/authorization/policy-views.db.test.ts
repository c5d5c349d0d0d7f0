import { afterAll, beforeAll, expect, it } from "vitest";
import { grants } from "../../../db/schema/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../db/testing/test-database.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentPolicy } from "./current-policy.ts";
import { decideProposal } from "./decide-proposal.ts";
import { diffPolicyVersions } from "./diff-policy-versions.ts";
import { ensureDefaultPolicy } from "./ensure-default-policy.ts";
import { listPolicyVersions } from "./list-policy-versions.ts";
import { listProposals } from "./list-proposals.ts";
import { previewPolicy } from "./preview-policy.ts";
import { PROPOSAL_OPEN_MS } from "./proposal-schema.ts";
import { proposePolicy } from "./propose-policy.ts";
import { readCurrentPolicy } from "./read-current-policy.ts";
import { readPolicyVersion } from "./read-policy-version.ts";
import { later, makeAgent, makePerson, NOW, type Operator } from "./testing/people-and-agents.ts";

let test: TestDatabase;
let admin: Operator;
let officer: Operator;
let member: Operator;
const as = (actor: VerbContext["actor"], now = NOW): VerbContext => ({ db: test.db, actor, now });

beforeAll(async () => {
  test = await createTestDatabase();
  await ensureDefaultPolicy(test.db, NOW);
  admin = await makePerson(test.db, ["admin"]);
  officer = await makePerson(test.db, ["compliance"]);
  member = await makePerson(test.db, ["approver"]);
});
afterAll(() => test.close());

async function propose(patch: object, now = NOW) {
  const { version } = await currentPolicy(test.db);
  return proposePolicy(as(admin, now), { baseVersion: version, patch, reason: "To be seen" });
}
const open = async (by: Operator, now = NOW) =>
  (await listProposals(as(by, now), { status: "pending" })).proposals;

it("every reading refuses whoever lacks the permission", async () => {
  const nobody = as(await makePerson(test.db, []));
  for (const reading of [
    () => readCurrentPolicy(nobody),
    () => listPolicyVersions(nobody, {}),
    () => readPolicyVersion(nobody, { version: 1 }),
    () => diffPolicyVersions(nobody, { from: 1, to: 1 }),
    () => listProposals(nobody, {}),
    () => previewPolicy(nobody, { document: {} }),
  ])
    await expect(reading()).rejects.toMatchObject({ code: "not_permitted" });
});

it("the policy that counts says how many agents hold each scope now, ended grants left out", async () => {
  const [one, two] = [await makeAgent(test.db), await makeAgent(test.db)];
  const give = (agentId: string, values: object = {}) =>
    test.db.insert(grants).values({
      ...{ id: crypto.randomUUID(), agentId, scope: "cloud:read", policyVersion: 1 },
      ...{ grantedBy: "test", grantedAt: NOW, ...values },
    });
  await give(one.id);
  await give(one.id);
  await give(two.id, { expiresAt: later(-1) });
  await give(two.id, { revokedAt: NOW });
  expect((await readCurrentPolicy(as(officer))).holders).toEqual({ "cloud:read": 1 });
});

it("a proposal says to each viewer why they may or may not approve, and whom it gives a say by name", async () => {
  const group = { put: [{ name: "desk", title: "The desk", members: [member.id] }] };
  const { digest } = await propose({ approverGroups: group, scopes: { remove: ["cloud:read"] } });
  const [own] = await open(admin);
  expect(own).toMatchObject({ digest, mayWithdraw: true, mayApprove: { allowed: false }, endsGrants: 2 });
  expect(own?.mayApprove.checks.find(({ passed }) => !passed)?.id).toBe("not-proposer");
  expect(own?.people).toEqual({ [member.id]: member.email });
  const [second] = await open(officer);
  expect(second).toMatchObject({ mayWithdraw: false, mayApprove: { allowed: true } });
  const [third] = await open(member);
  const failed = third?.mayApprove.checks.filter(({ passed }) => !passed).map(({ id }) => id);
  expect(failed).toEqual(["may-decide", "no-interest"]);
});

it("a proposal whose time is over is shown as expired before the duty ends it", async () => {
  const end = new Date(NOW.getTime() + PROPOSAL_OPEN_MS);
  expect(await open(officer, end)).toEqual([]);
  const { proposals } = await listProposals(as(officer, end), {});
  expect(proposals[0]).toMatchObject({ status: "expired", mayWithdraw: false, endsGrants: 0 });
});

it("versions tell who proposed, who approved and why; any two are compared, and one is read whole", async () => {
  const [proposal] = await open(officer);
  if (!proposal) throw new Error("no proposal");
  const decision = {
    id: proposal.id,
    digest: proposal.digest,
    decision: "approve" as const,
    reason: "Read it",
  };
  await decideProposal(as(officer), decision, "totp");
  const { versions, before } = await listPolicyVersions(as(officer), { limit: 1 });
  expect(versions).toMatchObject([
    {
      ...{ version: 2, reason: "To be seen" },
      ...{ createdBy: { name: admin.email }, approvedBy: { name: officer.email } },
    },
  ]);
  expect(before).toBe(2);
  const rest = await listPolicyVersions(as(officer), { before: 2 });
  expect(rest).toMatchObject({ versions: [{ version: 1, approvedBy: null }], before: null });
  const paths = (await diffPolicyVersions(as(officer), { from: 1, to: 2 })).changes.map(({ path }) => path);
  expect(paths).toContain("scopes/cloud:read");
  expect(paths).toContain(`approverGroups/desk/members/${member.id}`);
  const { document, digest } = await readPolicyVersion(as(officer), { version: 2 });
  expect(document).toEqual(await currentPolicy(test.db));
  expect(digest).toBe(versions[0]?.digest);
  await expect(readPolicyVersion(as(officer), { version: 9 })).rejects.toMatchObject({
    code: "version_unknown",
  });
  expect((await readCurrentPolicy(as(officer))).people).toEqual({ [member.id]: member.email });
});

it("a preview compares what was not proposed yet, and changes nothing", async () => {
  const before = await currentPolicy(test.db);
  const document = { ...before, mediumTrustAbove: 0.1 };
  await expect(previewPolicy(as(admin), { document })).resolves.toMatchObject({
    currentVersion: 2,
    changes: [{ path: "mediumTrustAbove", effect: "loosens" }],
  });
  expect(await currentPolicy(test.db)).toEqual(before);
});
