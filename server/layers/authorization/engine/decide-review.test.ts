import { describe, expect, it } from "vitest";
import { decideReview, type ReviewFacts } from "./decide-review.ts";

const FACTS: ReviewFacts = {
  reviewer: { id: "r", email: "r@bank.example", holdsRole: true, disabled: false, inPerson: true },
  user: { id: "u", email: "u@bank.example" },
  owners: [{ id: "o", email: "o@bank.example" }],
  reviewed: false,
};
const failing = (facts: Partial<ReviewFacts>) => {
  const { outcome, checks } = decideReview({ ...FACTS, ...facts });
  const failed = checks.filter((check) => !check.passed).map((check) => check.id);
  expect(outcome).toBe(failed.length === 0 ? "allow" : "deny");
  for (const { detail } of checks) expect(detail).toMatch(/^[A-Z].*\.$/);
  return failed;
};
const reviewer = (as: Partial<ReviewFacts["reviewer"]>) => ({ reviewer: { ...FACTS.reviewer, ...as } });

it("somebody else with the role reviews a use", () => {
  expect(failing({})).toEqual([]);
  expect(failing({ owners: [] })).toEqual([]);
});

describe("a use is not reviewed", () => {
  it.each<[string, Partial<ReviewFacts>, string]>([
    ["by an API key", reviewer({ inPerson: false }), "in-person"],
    ["without the role now", reviewer({ holdsRole: false }), "may-review"],
    ["by a disabled person", reviewer({ disabled: true }), "may-review"],
    ["by whoever broke glass", reviewer({ id: "u" }), "not-user"],
    ["by their second account", reviewer({ email: "U+2@bank.example" }), "not-user"],
    ["by their address in full-width letters", reviewer({ email: "ｕ@bank.example" }), "not-user"],
    ["while nobody knows who broke glass", { user: "unknown" }, "not-user"],
    ["by the agent's owner", reviewer({ id: "o" }), "not-owner"],
    ["by the owner's other address", reviewer({ email: "O@BANK.example" }), "not-owner"],
    ["while the owner is unknown", { owners: ["unknown"] }, "not-owner"],
    ["twice", { reviewed: true }, "unreviewed"],
  ])("%s", (_what, facts, check) => expect(failing(facts)).toEqual([check]));
});
