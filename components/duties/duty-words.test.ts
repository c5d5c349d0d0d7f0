import { expect, it } from "vitest";
import { lookedAt, partyNames } from "./duty-words.ts";

it("what was looked at is counted by kind, one as one", () => {
  expect(lookedAt({ grant: 1, release: 0, policy: 2, trust: 0, "break-glass": 1 })).toBe(
    "1 request for a scope, 0 releases, 2 versions of the policy, 0 trusts by hand, 1 use of break-glass",
  );
});

it("an account that cannot be found says so beside its id", () => {
  const parties = [
    { id: "a", name: "Ann", kind: "person" as const },
    { id: "x", name: "x", kind: "unknown" as const },
  ];
  expect(partyNames(parties)).toBe("Ann, x (not found)");
  expect(partyNames([])).toBe("");
});
