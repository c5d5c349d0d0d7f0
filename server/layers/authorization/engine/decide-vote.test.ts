import { describe, expect, it } from "vitest";
import { decideVote, mayApprove, type VoteFacts, type VoteWish } from "./decide-vote.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const DIGEST = `sha256:${"a".repeat(64)}`;
const FACTS: VoteFacts = {
  voter: {
    id: "v",
    email: "v@bank.example",
    mayVote: true,
    disabled: false,
    inPerson: true,
    groups: ["approvers"],
  },
  approval: {
    ...{ status: "pending", expiresAt: new Date(NOW.getTime() + 1), digest: DIGEST },
    ...{ durationSeconds: 600, policyVersion: 3, requestedByType: "operator" },
  },
  requester: { id: "r", email: "r@bank.example" },
  owners: [{ id: "o", email: "o@bank.example" }],
  agent: { status: "active", banned: false },
  cover: [],
  steps: {
    steps: [{ title: "Approval", needs: [{ from: "approvers", votes: 1 }] }],
    ...{ votes: [], excluded: [], titles: {} },
  },
  currentPolicyVersion: 3,
  alreadyVoted: false,
  now: NOW,
};
const WISH: VoteWish = { vote: "approve", digest: DIGEST, durationSeconds: 600 };

function failing(facts: Partial<VoteFacts>, wish: Partial<VoteWish> = {}): string[] {
  const decision = decideVote({ ...FACTS, ...facts }, { ...WISH, ...wish });
  const failed = decision.checks.filter((check) => !check.passed).map((check) => check.id);
  expect(decision.outcome).toBe(failed.length === 0 ? "allow" : "deny");
  return failed;
}
const voter = (as: Partial<VoteFacts["voter"]>) => ({ voter: { ...FACTS.voter, ...as } });
const approval = (as: Partial<VoteFacts["approval"]>) => ({ approval: { ...FACTS.approval, ...as } });

it("a second person's vote on an open request counts", () => expect(failing({})).toEqual([]));

describe("a vote does not count", () => {
  it.each<[string, Partial<VoteFacts>, Partial<VoteWish>, string]>([
    ["of an API key", voter({ inPerson: false }), {}, "in-person"],
    ["without the role now", voter({ mayVote: false }), {}, "may-vote"],
    ["of a disabled person", voter({ disabled: true }), {}, "may-vote"],
    ["of the requester", voter({ id: "r" }), {}, "not-requester"],
    ["of the requester's other case", voter({ email: "R@Bank.Example" }), {}, "not-requester"],
    ["of the requester's tagged address", voter({ email: "r+2@bank.example" }), {}, "not-requester"],
    ["of the requester in full-width letters", voter({ email: "ｒ@bank.example" }), {}, "not-requester"],
    ["while the requester is unknown", { requester: "unknown" }, {}, "not-requester"],
    ["of the owner", voter({ id: "o" }), {}, "not-owner"],
    ["of the owner of one above it", { owners: [...FACTS.owners, FACTS.voter] }, {}, "not-owner"],
    ["while an owner is unknown", { owners: [...FACTS.owners, "unknown"] }, {}, "not-owner"],
    ["once decided", approval({ status: "denied" }), {}, "open"],
    ["once approved", approval({ status: "approved" }), {}, "open"],
    ["at the very end", approval({ expiresAt: NOW }), {}, "open"],
    ["twice", { alreadyVoted: true }, {}, "first-vote"],
    ["under another policy", { currentPolicyVersion: 4 }, {}, "policy-unchanged"],
    ["for another request", {}, { digest: `sha256:${"b".repeat(64)}` }, "same-request"],
    ["for a longer time", {}, { durationSeconds: 601 }, "not-wider"],
    ["for a contained agent", { agent: { status: "contained", banned: false } }, {}, "agent-in-service"],
    ["for a banned agent", { agent: { status: "active", banned: true } }, {}, "agent-in-service"],
  ])("%s", (_what, facts, wish, check) => expect(failing(facts, wish)).toEqual([check]));
});

describe("the limits of a vote", () => {
  const limits = { amount: { max: "5000.00", currency: "USD" }, resources: ["/accounts/17/*"] };
  const asked = approval({ limits });
  const sum = (max: string, currency = "USD") => ({ ...limits, amount: { max, currency } });

  it.each<[string, Partial<VoteFacts>, Partial<VoteWish>, string[]]>([
    ["as asked for", asked, { limits }, []],
    ["left out", asked, {}, []],
    ["a smaller sum", asked, { limits: sum("4999.99") }, []],
    ["one account of them", asked, { limits: { ...limits, resources: ["/accounts/17/transfers"] } }, []],
    ["limits where none were asked for", {}, { limits }, []],
    ["a larger sum", asked, { limits: sum("5000.01") }, ["not-wider"]],
    ["another currency", asked, { limits: sum("1", "EUR") }, ["not-wider"]],
    ["another account", asked, { limits: { ...limits, resources: ["/accounts/18/*"] } }, ["not-wider"]],
    ["one account more", asked, { limits: { ...limits, resources: ["/accounts/*"] } }, ["not-wider"]],
    ["no sum any more", asked, { limits: { resources: limits.resources } }, ["not-wider"]],
    ["no resources any more", asked, { limits: { amount: limits.amount } }, ["not-wider"]],
    ["no limits any more", asked, { limits: null }, ["not-wider"]],
  ])("%s", (_what, facts, wish, checks) => expect(failing(facts, wish)).toEqual(checks));

  it("share something with what others approved, or the vote does not count", () => {
    const agreed = { resources: ["/accounts/17/a"] };
    const wish = { limits: { ...limits, resources: ["/accounts/17/b"] } };
    expect(failing({ ...asked, agreed }, wish)).toEqual(["limits-agree"]);
    expect(failing({ ...asked, agreed }, { ...wish, vote: "deny" })).toEqual([]);
    expect(failing({ ...asked, agreed }, { limits })).toEqual([]);
  });
});

it("a denial may be given for an agent out of service", () => {
  expect(failing({ agent: { status: "contained", banned: false } }, { vote: "deny" })).toEqual([]);
});

it("an agent that asked and has no owner excludes nobody by that", () => {
  expect(failing({ requester: null, owners: [] })).toEqual([]);
});

it("the viewer is told each check, passed or not, in a whole sentence", () => {
  const { outcome, checks } = mayApprove({ ...FACTS, ...voter({ id: "r" }) });
  expect(outcome).toBe("deny");
  expect(checks.map((check) => check.id)).toContain("agent-in-service");
  for (const check of checks) expect(check.detail).toMatch(/^[A-Z].*\.$/);
});

it("an approval for a child needs what its parent holds; a denial does not", () => {
  const cover = [{ id: "covered-by-parent", passed: false, detail: "Its parent holds no live grant of it." }];
  expect(failing({ cover })).toEqual(["covered-by-parent"]);
  expect(failing({ cover }, { vote: "deny" })).toEqual([]);
  expect(mayApprove({ ...FACTS, cover }).outcome).toBe("deny");
  expect(failing({ cover: [{ id: "covered-by-parent", passed: true, detail: "It is held." }] })).toEqual([]);
});

describe("with steps in an order", () => {
  const steps = {
    ...FACTS.steps,
    steps: [
      { title: "Business", needs: [{ from: "treasury", votes: 1 }] },
      { title: "Risk", needs: [{ from: "risk", votes: 1 }] },
    ],
  };

  it("an approval counts in the open step alone", () => {
    expect(failing({ steps, ...voter({ groups: ["approvers", "treasury"] }) })).toEqual([]);
    expect(failing({ steps, ...voter({ groups: ["approvers", "risk"] }) })).toEqual(["step-not-open"]);
    expect(failing({ steps, ...voter({ groups: ["approvers"] }) })).toEqual(["in-group"]);
  });

  it("a denial counts from everybody whom a step asks, and from nobody else", () => {
    expect(failing({ steps, ...voter({ groups: ["approvers", "risk"] }) }, { vote: "deny" })).toEqual([]);
    expect(failing({ steps, ...voter({ groups: ["approvers"] }) }, { vote: "deny" })).toEqual(["in-group"]);
  });

  it("the viewer is told whose turn it is", () => {
    const { checks } = mayApprove({ ...FACTS, steps, ...voter({ groups: ["risk"] }) });
    expect(checks.find(({ passed }) => !passed)?.detail).toContain("It is the turn of “Business”");
  });
});
