import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decideProposal,
  mayApproveProposal,
  type ProposalFacts,
  type ProposalWish,
  said,
} from "./decide-proposal.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const DIGEST = `sha256:${"a".repeat(64)}`;
const FACTS: ProposalFacts = {
  decider: { id: "second", email: "second@bank.example", mayDecide: true, disabled: false, inPerson: true },
  proposal: {
    ...{ status: "pending", baseVersion: 3, digest: DIGEST },
    expiresAt: new Date(NOW.getTime() + 1),
  },
  proposer: { id: "first", email: "first@bank.example" },
  beneficiaries: [],
  currentVersion: 3,
  changedMeanwhile: [],
  now: NOW,
};
const APPROVE: ProposalWish = { decision: "approve", digest: DIGEST };
const with_ = (facts: Partial<ProposalFacts>) => ({ ...FACTS, ...facts });
const decider = (as: Partial<ProposalFacts["decider"]>) => with_({ decider: { ...FACTS.decider, ...as } });
const failed = (facts: ProposalFacts, wish: ProposalWish = APPROVE) =>
  decideProposal(facts, wish)
    .checks.filter(({ passed }) => !passed)
    .map(({ id }) => id);

it("a second person who may decide approves an open proposal as they saw it", () => {
  expect(decideProposal(FACTS, APPROVE)).toMatchObject({ outcome: "allow" });
  expect(mayApproveProposal(FACTS)).toMatchObject({ outcome: "allow" });
});

describe("each way around the second person is refused by its own check", () => {
  it.each<[string, ProposalFacts]>([
    ["in-person", decider({ inPerson: false })],
    ["may-decide", decider({ mayDecide: false })],
    ["may-decide", decider({ disabled: true })],
    ["not-proposer", decider({ id: "first" })],
    ["not-proposer", decider({ email: "FIRST+admin@bank.example" })],
    ["not-proposer", with_({ proposer: "unknown" })],
    ["no-interest", with_({ beneficiaries: [{ id: "second", email: "x@bank.example" }] })],
    ["no-interest", with_({ beneficiaries: [{ id: "x", email: "Second+b@bank.example" }] })],
    ["no-interest", with_({ beneficiaries: ["unknown"] })],
    ["open", with_({ proposal: { ...FACTS.proposal, status: "approved" } })],
    ["open", with_({ proposal: { ...FACTS.proposal, expiresAt: NOW } })],
    ["base-current", with_({ currentVersion: 4 })],
  ])("%s", (id, facts) => {
    expect(failed(facts)).toEqual([id]);
    expect(mayApproveProposal(facts).outcome).toBe("deny");
  });

  it("same-proposal: another digest, or a row that was edited", () => {
    expect(failed(FACTS, { ...APPROVE, digest: `sha256:${"b".repeat(64)}` })).toEqual(["same-proposal"]);
    expect(failed(with_({ proposal: { ...FACTS.proposal, digest: "altered" } }))).toEqual(["same-proposal"]);
  });
});

describe("rejecting", () => {
  const reject: ProposalWish = { decision: "reject", digest: DIGEST };

  it("is possible where the change would give one a say, or where its base is gone", () => {
    const facts = with_({ beneficiaries: [FACTS.decider], currentVersion: 9 });
    expect(failed(facts, reject)).toEqual([]);
    expect(failed(facts)).toEqual(["no-interest", "base-current"]);
  });

  it("is no way to decide one's own, a closed one, or by a key", () => {
    expect(failed(decider({ id: "first" }), reject)).toEqual(["not-proposer"]);
    expect(failed(decider({ inPerson: false }), reject)).toEqual(["in-person"]);
    expect(failed(with_({ proposal: { ...FACTS.proposal, status: "withdrawn" } }), reject)).toEqual(["open"]);
  });
});

it("every check says a whole sentence, passed or not", () => {
  fc.assert(
    fc.property(
      fc.record({ id: fc.constantFrom("first", "second"), inPerson: fc.boolean(), mayDecide: fc.boolean() }),
      fc.constantFrom("pending", "approved", "expired"),
      fc.nat({ max: 6 }),
      fc.constantFrom("approve" as const, "reject" as const),
      (as, status, currentVersion, decision) => {
        const facts = { ...decider(as), proposal: { ...FACTS.proposal, status }, currentVersion };
        const { checks, outcome } = decideProposal(facts, { decision, digest: DIGEST });
        for (const { detail } of checks) expect(detail).toMatch(/^[A-Z].*[.]$/s);
        expect(outcome).toBe(checks.every(({ passed }) => passed) ? "allow" : "deny");
        if (as.id === "first" || !as.inPerson || !as.mayDecide) expect(outcome).toBe("deny");
      },
    ),
  );
});

it("an outdated base says what changed meanwhile, the first three things and how many more", () => {
  const changedMeanwhile = ["One.", "Two.", "Three.", "Four."];
  const [check] = decideProposal(with_({ currentVersion: 4, changedMeanwhile }), APPROVE).checks.filter(
    ({ passed }) => !passed,
  );
  expect(check?.detail).toContain("Meanwhile: One. Two. Three. (and 1 more)");
  expect(said([])).toBe("");
});
