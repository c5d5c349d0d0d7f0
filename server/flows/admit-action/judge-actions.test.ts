import { describe, expect, it } from "vitest";
import { canonicalBytes, type Json } from "../../kernel/canonical.ts";
import { DEFAULT_POLICY } from "../../layers/authorization/default-policy.ts";
import type { Limits } from "../../layers/authorization/engine/narrow-limits.ts";
import { action } from "../../layers/monitoring/action.ts";
import { BUILT_IN_RULES } from "../../layers/monitoring/engine/rules/built-in-rules.ts";
import { compileRules } from "../../layers/monitoring/engine/rules/compile-rules.ts";
import { judgeActions } from "./judge-actions.ts";
import type { LiveAgent, VerifiedToken, World } from "./world.ts";

const NOW = new Date("2026-11-23T10:00:00Z");
const LIMITS: Limits = { amount: { max: "5000.00", currency: "USD" }, resources: ["/accounts/17/*"] };
const RULES = compileRules({ version: 1, rules: [...BUILT_IN_RULES] }, "UTC");
const agent = { id: "a", name: "payer", zone: "a" } as LiveAgent;
const world = {
  policy: () => DEFAULT_POLICY,
  zones: () => ({ peers: new Map(), edges: new Map() }),
  rules: () => RULES,
} as unknown as World;

function tokenWith(limits?: VerifiedToken["limits"]): VerifiedToken {
  return {
    ...{
      jti: "t1",
      subject: "did:a",
      boundTo: "thumb",
      jkt: null,
      grantIds: ["g1"],
      policyVersion: 1,
      limits,
    },
    scopes: ["payments:execute", "transactions:read"],
  };
}
const limited = (limits: Limits) => tokenWith(new Map([["payments:execute", { grantId: "g1", limits }]]));

function judge(token: VerifiedToken, ...actions: object[]) {
  const read = actions.map((it) => ({ canonical: canonicalBytes(it as Json), action: action.parse(it) }));
  return judgeActions({ world, agent, token, now: NOW }, read, "192.0.2.1");
}
const paying = (amount: unknown, more: object = {}) => ({
  ...{ action: "payments.execute", at: NOW.toISOString(), endpoint: "/accounts/17/x" },
  details: { amount, currency: "USD" },
  ...more,
});
const reading = { action: "transactions.read", at: NOW.toISOString() };

describe("under a grant with limits", () => {
  it("what keeps to them is admitted, each other action refused alone, naming the grant", () => {
    const { refused } = judge(
      limited(LIMITS),
      paying("5000.00"),
      paying("5000.01"),
      paying(1),
      paying("1", { endpoint: "/accounts/18/x" }),
      paying("1", { details: { amount: "1", currency: "EUR" } }),
    );
    expect(refused.map(({ index, code }) => [index, code])).toEqual([
      [1, "limit_amount"],
      [2, "limit_unstated"],
      [3, "limit_resource"],
      [4, "limit_currency"],
    ]);
    for (const { reason } of refused) expect(reason).toContain("grant g1");
  });

  it("every action that the scope covers keeps to them, also one that is named like the scope", () => {
    const names = ["payments.execute", "payments.release", "transfers.send", "payments:execute"];
    const { refused } = judge(limited(LIMITS), ...names.map((name) => paying("5000.01", { action: name })));
    expect(refused.map(({ code }) => code)).toEqual(names.map(() => "limit_amount"));
  });

  it("actions of another scope have no limits", () => {
    expect(judge(limited(LIMITS), reading).refused).toEqual([]);
  });

  it("what they refuse is behaviour all the same", () => {
    const { slices } = judge(limited(LIMITS), paying("5000.01"), reading);
    expect(slices[0]?.slice).toMatchObject({ calls: 2, refused: 1 });
  });

  it("that leave nothing, nothing is admitted", () => {
    expect(judge(limited({ resources: [] }), paying("1")).refused).toMatchObject([
      { code: "limit_resource" },
    ]);
  });
});

it("a token without limits admits sums in any form", () => {
  expect(judge(tokenWith(), paying(1.5), paying({ any: "thing" }), paying(null)).refused).toEqual([]);
});

it("a scope that the token does not carry is refused as such, whatever its limits say", () => {
  const token = { ...limited(LIMITS), scopes: ["transactions:read"] };
  expect(judge(token, paying("5000.01")).refused).toMatchObject([{ code: "insufficient_scope" }]);
});
