import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideOverride, mayApproveOverride, type OverrideFacts, overrideDigest } from "./decide-override.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const inSeconds = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const DIGEST = overrideDigest({ agentId: "a", score: 0.9, durationSeconds: 3_600 });
const ANA = { id: "ana", email: "ana@bank.example" };
const BEN = { id: "ben", email: "ben@bank.example" };
const FACTS: OverrideFacts = {
  decider: { ...BEN, mayDecide: true, disabled: false, inPerson: true },
  override: { status: "pending", openUntil: inSeconds(60), digest: DIGEST },
  requester: ANA,
  owners: [{ id: "own", email: "owner@bank.example" }],
  agent: { status: "active", banned: false },
  now: NOW,
};
const failed = (as: Partial<OverrideFacts>, decision: "approve" | "deny" = "approve", digest = DIGEST) =>
  decideOverride({ ...FACTS, ...as }, { decision, digest })
    .checks.filter((check) => !check.passed)
    .map((check) => check.id);
const decider = (as: Partial<OverrideFacts["decider"]>) => ({ decider: { ...FACTS.decider, ...as } });
const override = (as: Partial<OverrideFacts["override"]>) => ({ override: { ...FACTS.override, ...as } });

describe("an override of trust", () => {
  it("is approved by a second person who is neither who asked nor the owner", () =>
    expect(failed({})).toEqual([]));
  it("needs no owner to be there", () => expect(failed({ owners: [] })).toEqual([]));

  it.each<[string, Partial<OverrideFacts>, string]>([
    ["the person who asked", decider(ANA), "not-requester"],
    [
      "them under another account of the same mailbox",
      decider({ email: "Ana+2@BANK.example" }),
      "not-requester",
    ],
    ["anybody while the account of who asked is gone", { requester: "unknown" }, "not-requester"],
    ["the agent's owner", { owners: [BEN] }, "not-owner"],
    ["the owner's other account", { owners: [{ id: "x", email: "ben+own@bank.example" }] }, "not-owner"],
    ["anybody while the owner's account is gone", { owners: ["unknown"] }, "not-owner"],
    ["the owner of one above the agent", { owners: [ANA, BEN] }, "not-owner"],
    ["an API key", decider({ inPerson: false }), "in-person"],
    ["one who lost the role", decider({ mayDecide: false }), "may-decide"],
    ["one whose account is disabled", decider({ disabled: true }), "may-decide"],
    ["anybody once it is decided", override({ status: "denied" }), "open"],
    ["anybody once it was withdrawn", override({ status: "withdrawn" }), "open"],
    ["anybody at its end", override({ openUntil: NOW }), "open"],
  ])("is not decided by %s, neither way", (_who, as, check) => {
    expect(failed(as)).toEqual([check]);
    expect(failed(as, "deny")).toEqual([check]);
    expect(mayApproveOverride({ ...FACTS, ...as }).outcome).toBe("deny");
  });

  it.each(["contained", "suspended", "retired", "registered"])(
    "is not approved for an agent that is %s, and may be denied",
    (status) => {
      expect(failed({ agent: { status, banned: false } })).toEqual(["agent-in-service"]);
      expect(failed({ agent: { status, banned: false } }, "deny")).toEqual([]);
    },
  );
  it("is not approved for one that is banned", () =>
    expect(failed({ agent: { status: "active", banned: true } })).toEqual(["agent-in-service"]));

  it("is decided as it was seen: other terms have another digest", () => {
    const other = [
      { agentId: "b", score: 0.9, durationSeconds: 3_600 },
      { agentId: "a", score: 0.91, durationSeconds: 3_600 },
      { agentId: "a", score: 0.9, durationSeconds: 3_601 },
    ].map(overrideDigest);
    expect(new Set([DIGEST, ...other]).size).toBe(4);
    for (const digest of other) expect(failed({}, "approve", digest)).toEqual(["same-request"]);
    expect(failed(override({ digest: "altered" }))).toEqual(["same-request"]);
  });

  it("whatever the facts: allowed only where every check passed", () => {
    const person = fc.constantFrom(ANA, BEN);
    fc.assert(
      fc.property(
        fc.record<OverrideFacts>({
          decider: fc.record({
            id: fc.constantFrom("ana", "ben"),
            email: fc.constant("x@y"),
            mayDecide: fc.boolean(),
            disabled: fc.boolean(),
            inPerson: fc.boolean(),
          }),
          override: fc.record({
            status: fc.constantFrom("pending", "approved"),
            openUntil: fc.constantFrom(NOW, inSeconds(1)),
            digest: fc.constantFrom(DIGEST, "x"),
          }),
          requester: fc.oneof(person, fc.constant("unknown" as const)),
          owners: fc.array(fc.oneof(person, fc.constant("unknown" as const)), { maxLength: 2 }),
          agent: fc.record({ status: fc.constantFrom("active", "contained"), banned: fc.boolean() }),
          now: fc.constant(NOW),
        }),
        (facts) => {
          const { outcome, checks } = decideOverride(facts, { decision: "approve", digest: DIGEST });
          expect(outcome).toBe(checks.every((check) => check.passed) ? "allow" : "deny");
          if (outcome === "allow") expect(facts.decider.id).not.toBe((facts.requester as { id: string }).id);
        },
      ),
    );
  });
});
