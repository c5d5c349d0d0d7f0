import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideSecond, type SecondFacts, termsDigest } from "./decide-second.ts";

const NOW = new Date("2026-11-25T12:00:00Z");
const inMs = (ms: number) => new Date(NOW.getTime() + ms);
const ANA = { id: "ana", email: "ana@bank.example" };
const BEN = { id: "ben", email: "ben@bank.example" };
const FACTS: SecondFacts = {
  decider: { ...BEN, mayDecide: true, disabled: false, inPerson: true },
  proposer: ANA,
  owners: [{ id: "own", email: "owner@bank.example" }],
  asked: { status: "pending", openUntil: inMs(1), digest: "d" },
  now: NOW,
};
const failed = (as: Partial<SecondFacts>, digest = "d") =>
  decideSecond({ ...FACTS, ...as }, digest)
    .checks.filter(({ passed }) => !passed)
    .map(({ id }) => id);
const decider = (as: Partial<SecondFacts["decider"]>) => ({ decider: { ...FACTS.decider, ...as } });
const asked = (as: Partial<SecondFacts["asked"]>) => ({ asked: { ...FACTS.asked, ...as } });

describe("a second person", () => {
  it("is anybody whose role decides and who neither proposed it nor owns an agent of it", () => {
    expect(failed({})).toEqual([]);
    expect(failed({ owners: [] })).toEqual([]);
  });

  it.each<[string, Partial<SecondFacts>, string]>([
    ["the proposer", decider(ANA), "not-proposer"],
    ["their account with a tag", decider({ id: "x", email: "ANA+two@bank.example" }), "not-proposer"],
    ["anybody while the proposer's account is gone", { proposer: "unknown" }, "not-proposer"],
    ["an owner", { owners: [BEN] }, "not-owner"],
    ["an owner's other account", { owners: [{ id: "x", email: "Ben+own@BANK.example" }] }, "not-owner"],
    ["the owner of one above", { owners: [ANA, BEN] }, "not-owner"],
    ["anybody while an owner's account is gone", { owners: ["unknown"] }, "not-owner"],
    ["an API key", decider({ inPerson: false }), "in-person"],
    ["one who lost the role", decider({ mayDecide: false }), "may-decide"],
    ["one whose account is disabled", decider({ disabled: true }), "may-decide"],
    ["anybody at the millisecond it closes", asked({ openUntil: NOW }), "open"],
    ["anybody once it is decided", asked({ status: "approved" }), "open"],
    ["anybody who saw other terms", asked({ digest: "other" }), "same-terms"],
  ])("is not %s", (_who, as, check) => expect(failed(as)).toEqual([check]));

  it("is told why without terms to compare", () =>
    expect(decideSecond(FACTS).checks.map(({ id }) => id)).not.toContain("same-terms"));

  it("whatever the facts: allowed only where every check passed and two people are there", () => {
    const person = fc.constantFrom(ANA, BEN, { id: "z", email: "ana+z@bank.example" });
    fc.assert(
      fc.property(person, person, fc.boolean(), fc.boolean(), (who, proposer, mayDecide, inPerson) => {
        const { outcome, checks } = decideSecond(
          { ...FACTS, proposer, ...decider({ ...who, mayDecide, inPerson }) },
          "d",
        );
        expect(outcome).toBe(checks.every(({ passed }) => passed) ? "allow" : "deny");
        if (outcome === "allow") expect(who.email[0]).not.toBe(proposer.email[0]);
      }),
    );
  });

  it("other terms, and the same for another purpose, have another digest", () => {
    const terms = { agentId: "a", kind: "exclude" };
    const digests = [
      termsDigest("learning", terms),
      termsDigest("maintenance", terms),
      termsDigest("learning", { ...terms, kind: "readmit" }),
    ];
    expect(new Set(digests).size).toBe(3);
    expect(termsDigest("learning", { kind: "exclude", agentId: "a" })).toBe(digests[0]);
  });
});
