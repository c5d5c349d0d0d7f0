import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AGENT_STATUSES, type AgentStatus } from "../schema.ts";
import { decideCertification, decideTransition, TRANSITIONS } from "./lifecycle.ts";

const status = fc.constantFrom<AgentStatus>(...AGENT_STATUSES);
const allowed = (from: AgentStatus, to: AgentStatus, banned = false) =>
  decideTransition({ status: from, banned }, to).outcome === "allow";

describe("an agent's lifecycle", () => {
  test.each([
    ["registered", "enrolled"],
    ["enrolled", "active"],
    ["active", "throttled"],
    ["throttled", "active"],
    ["enrolled", "contained"],
    ["active", "contained"],
    ["throttled", "contained"],
    ["suspended", "contained"],
    ["contained", "suspended"],
    ["contained", "active"],
    ["suspended", "retired"],
  ] as const)("lets %s become %s", (from, to) => {
    expect(allowed(from, to)).toBe(true);
  });

  test.each([
    ["registered", "active"],
    ["registered", "contained"],
    ["contained", "retired"],
    ["contained", "throttled"],
    ["contained", "enrolled"],
    ["active", "enrolled"],
    ["active", "registered"],
    ["enrolled", "throttled"],
  ] as const)("refuses %s to become %s", (from, to) => {
    expect(allowed(from, to)).toBe(false);
  });

  test("retired is final, whatever is asked", () => {
    fc.assert(fc.property(status, fc.boolean(), (to, banned) => !allowed("retired", to, banned)));
  });

  test("no walk of allowed steps leaves containment but to suspended or active", () => {
    fc.assert(
      fc.property(fc.array(status, { maxLength: 30 }), (steps) => {
        let at: AgentStatus = "registered";
        for (const to of steps) {
          if (!allowed(at, to)) continue;
          if (at === "contained") expect(["suspended", "active"]).toContain(to);
          at = to;
        }
      }),
    );
  });

  test("nothing becomes what it is already", () => {
    fc.assert(fc.property(status, (same) => !allowed(same, same)));
  });

  test("a banned agent may only be stopped", () => {
    fc.assert(
      fc.property(status, status, (from, to) => {
        if (allowed(from, to, true)) expect(["contained", "suspended", "retired"]).toContain(to);
      }),
    );
  });

  test("every refusal names what would be allowed", () => {
    const { checks } = decideTransition({ status: "contained", banned: false }, "retired");
    expect(checks.find((check) => !check.passed)?.detail).toContain("suspended, active");
  });

  test("every status but retired leads somewhere", () => {
    for (const from of AGENT_STATUSES) expect(TRANSITIONS[from].length > 0).toBe(from !== "retired");
  });
});

test.each(["contained", "suspended", "retired"] as const)("an agent that is %s gets no certificate", (is) => {
  expect(decideCertification({ status: is, banned: false, above: [] }).outcome).toBe("deny");
});

test("a banned agent gets no certificate, whatever its status", () => {
  fc.assert(
    fc.property(
      status,
      (is) => decideCertification({ status: is, banned: true, above: [] }).outcome === "deny",
    ),
  );
});
