import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { AUTHORITY_STATUSES, type AuthorityStatus } from "../schema.ts";
import {
  type AuthorityFacts,
  type AuthorityStep,
  decideAuthorityStep,
  TRUSTED,
} from "./authority-lifecycle.ts";

const NOW = new Date("2026-11-25T08:00:00.000Z");
const DAY_MS = 86_400_000;
const facts = (more: Partial<AuthorityFacts> = {}): AuthorityFacts => ({
  purpose: "transport",
  status: "prepared",
  notAfter: new Date(NOW.getTime() + 1_000 * DAY_MS),
  leafLifeMs: DAY_MS,
  doorsWithout: [],
  dependents: 0,
  acceptedBreaks: 0,
  ...more,
});
const failed = (step: AuthorityStep, more: Partial<AuthorityFacts>) =>
  decideAuthorityStep(step, facts(more), NOW)
    .checks.filter((check) => !check.passed)
    .map((check) => check.id);

test.each([
  ["activate", "prepared"],
  ["taint", "superseded"],
  ["revoke", "tainted"],
  ["revoke", "prepared"],
] as const)("%s is taken from %s", (step, status) => {
  expect(decideAuthorityStep(step, facts({ status }), NOW).outcome).toBe("allow");
});

test("from nowhere else, and the refusal says where it stands", () => {
  const legal = ["activate prepared", "taint superseded", "revoke tainted", "revoke prepared"];
  for (const step of ["activate", "taint", "revoke"] as const)
    for (const status of AUTHORITY_STATUSES) {
      const decision = decideAuthorityStep(step, facts({ status }), NOW);
      expect(decision.outcome === "allow", `${step} ${status}`).toBe(legal.includes(`${step} ${status}`));
    }
  const [check] = decideAuthorityStep("activate", facts({ status: "revoked" }), NOW).checks;
  expect(check?.detail).toContain("this one is revoked");
});

describe("whoever signs now", () => {
  it.each(["taint", "revoke"] as const)("cannot be the object of %s: its successor comes first", (step) => {
    const decision = decideAuthorityStep(step, facts({ status: "active" }), NOW);
    expect(decision.outcome).toBe("deny");
    expect(decision.checks[0]?.detail).toContain("prepare and activate a successor");
  });
});

describe("an authority signs", () => {
  it("only once every live gateway has confirmed that it trusts it, and says which has not", () => {
    expect(failed("activate", { doorsWithout: ["gateway-1"] })).toEqual(["trusted-everywhere"]);
    const [, , check] = decideAuthorityStep("activate", facts({ doorsWithout: ["gateway-1"] }), NOW).checks;
    expect(check?.detail).toContain("gateway-1");
  });

  it("only while it outlives what it would sign, to the millisecond", () => {
    const ends = (ms: number) => ({ notAfter: new Date(NOW.getTime() + DAY_MS + ms) });
    expect(failed("activate", ends(0))).toEqual(["outlives-its-leaves"]);
    expect(failed("activate", ends(1))).toEqual([]);
  });
});

describe("an authority is revoked", () => {
  it("when nobody depends on it, or when those who do were accepted to break", () => {
    expect(failed("revoke", { status: "tainted" })).toEqual([]);
    expect(failed("revoke", { status: "tainted", dependents: 3, acceptedBreaks: 3 })).toEqual([]);
  });

  it("and not when more have come to depend on it meanwhile; fewer are no obstacle", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (dependents, acceptedBreaks) => {
        const broken = failed("revoke", { status: "tainted", dependents, acceptedBreaks });
        expect(broken).toEqual(dependents <= acceptedBreaks ? [] : ["breaks-accepted"]);
      }),
    );
  });
});

test("no walk of allowed steps brings a revoked authority back, or taints one before it was superseded", () => {
  const next: Record<AuthorityStep, AuthorityStatus> = {
    activate: "active",
    taint: "tainted",
    revoke: "revoked",
  };
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom<AuthorityStep | "supersede">("activate", "taint", "revoke", "supersede"), {
        maxLength: 12,
      }),
      (walk) => {
        let status: AuthorityStatus = "prepared";
        const seen: AuthorityStatus[] = [status];
        for (const step of walk) {
          if (step === "supersede") status = status === "active" ? "superseded" : status;
          else if (decideAuthorityStep(step, facts({ status }), NOW).outcome === "allow") status = next[step];
          seen.push(status);
        }
        const revokedAt = seen.indexOf("revoked");
        if (revokedAt >= 0) expect(new Set(seen.slice(revokedAt))).toEqual(new Set(["revoked"]));
        if (seen.includes("tainted"))
          expect(seen.indexOf("superseded")).toBeLessThan(seen.indexOf("tainted"));
      },
    ),
  );
});

test("every state but revoked is believed", () => {
  expect([...TRUSTED, "revoked"].sort()).toEqual([...AUTHORITY_STATUSES].sort());
});
