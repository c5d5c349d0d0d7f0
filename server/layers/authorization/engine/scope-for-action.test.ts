import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../default-policy.ts";
import { type ScopePolicy, scopePolicy } from "../policy-schema.ts";
import { scopeForAction } from "./scope-for-action.ts";

function policyOf(...rules: [scope: string, risk: "LOW" | "HIGH", actions: string[]][]): ScopePolicy {
  return scopePolicy.parse({
    ...DEFAULT_POLICY,
    scopes: rules.map(([scope, risk, actions]) => ({
      ...{ scope, title: scope, risk, amounts: null, actions },
      steps: risk === "LOW" ? [] : [{ title: "Approval", needs: [{ from: "approvers", votes: 1 }] }],
      ...(risk === "LOW" ? { group: "base", secondsMax: null } : { group: "elevated", secondsMax: 60 }),
    })),
  });
}

describe("the default policy", () => {
  it.each([
    ["transactions.read", "transactions:read"],
    ["accounts.read_balance", "transactions:read"],
    ["payments.read_status", "transactions:read"],
    ["transactions.analyze", "transactions:analyze"],
    ["score.compute", "transactions:analyze"],
    ["alerts.create", "alerts:create"],
    ["transactions.flag", "alerts:create"],
    ["transactions.update", "transactions:modify"],
    ["transactions.delete", "transactions:modify"],
    ["payments.execute", "payments:execute"],
    ["payments.release", "payments:execute"],
    ["customers.read", "customer:sensitive_data"],
    ["kyc.read", "customer:sensitive_data"],
    ["batch.process", "batch:process"],
    ["audit.read", "audit:temporary"],
    ["s3:GetObject", "cloud:read"],
    ["ec2:DescribeInstances", "cloud:read"],
    ["s3:HeadBucket", "cloud:read"],
    ["cloudtrail:LookupEvents", "cloud:read"],
    ["sts:AssumeRole", "cloud:read"],
    ["secretsmanager:GetSecretValue", "cloud:secrets"],
    ["ssm:GetParametersByPath", "cloud:secrets"],
    ["ec2:GetPasswordData", "cloud:secrets"],
    ["kms:Decrypt", "cloud:read"],
    ["secretsmanager:ListSecrets", "cloud:read"],
    ["iam:CreateUser", "cloud:write"],
    ["cloudtrail:StopLogging", "cloud:write"],
    ["organizations:LeaveOrganization", "cloud:write"],
    ["payments:execute", "payments:execute"],
    ["transactions:read", "transactions:read"],
    ["payments:steal", "cloud:write"],
  ])("%s needs %s", (action, scope) => expect(scopeForAction(DEFAULT_POLICY, action)).toBe(scope));

  it.each([
    "",
    "read",
    "shutdown",
    "payments.execute.all",
    "payments..x.y",
    "PAYMENTS.EXECUTE",
    "a:b:c",
    "__proto__",
  ])("covers no action named %s", (action) => expect(scopeForAction(DEFAULT_POLICY, action)).toBeNull());

  it("is a valid policy in which every scope allows something", () => {
    expect(scopePolicy.parse(DEFAULT_POLICY)).toEqual(DEFAULT_POLICY);
    expect(DEFAULT_POLICY.scopes.every((rule) => rule.actions.length > 0)).toBe(true);
  });
});

describe("precedence", () => {
  it("an exact pattern beats any other, however long", () => {
    const policy = policyOf(["low:one", "LOW", ["things.re*d.it"]], ["high:one", "HIGH", ["things.read.it"]]);
    expect(scopeForAction(policy, "things.read.it")).toBe("high:one");
    expect(scopeForAction(policy, "things.red.it")).toBe("low:one");
  });

  it("more literal characters beat fewer", () => {
    const policy = policyOf(["low:one", "LOW", ["a.re*"]], ["high:one", "HIGH", ["a.*"]]);
    expect(scopeForAction(policy, "a.read")).toBe("low:one");
    expect(scopeForAction(policy, "a.write")).toBe("high:one");
  });

  it("among equals the higher risk decides, in whatever order they stand", () => {
    const rules: [string, "LOW" | "HIGH", string[]][] = [
      ["low:one", "LOW", ["a.x*"]],
      ["high:one", "HIGH", ["a.*d"]],
    ];
    expect(scopeForAction(policyOf(...rules), "a.xd")).toBe("high:one");
    expect(scopeForAction(policyOf(...rules.reverse()), "a.xd")).toBe("high:one");
  });

  it("does not depend on what was asked before", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z:.GS]{1,12}$/), { maxLength: 30 }), (actions) => {
        const fresh = actions.map((action) => scopeForAction(structuredClone(DEFAULT_POLICY), action));
        expect(actions.map((action) => scopeForAction(DEFAULT_POLICY, action))).toEqual(fresh);
      }),
      { numRuns: 30 },
    );
  });

  it("holds when a caller invents more names than are remembered", () => {
    for (let i = 0; i < 10_050; i++)
      expect(scopeForAction(DEFAULT_POLICY, `payments.x${i}`)).toBe("payments:execute");
  });
});

describe("a policy is refused that", () => {
  it.each([
    ["claims one pattern twice", policyInput(["a:b", "LOW", ["x.*"]], ["c:d", "LOW", ["x.*"]])],
    ["names a scope twice", policyInput(["a:b", "LOW", ["x.*"]], ["a:b", "LOW", ["y.*"]])],
    ["lets a HIGH scope stand for good", policyInput(["a:b", "HIGH", ["x.*"]])],
    ["lets tokens live longer than an hour", { ...DEFAULT_POLICY, tokenSecondsMax: 3_601 }],
  ])("%s", (_what, input) => expect(scopePolicy.safeParse(input).success).toBe(false));
});

function policyInput(...rules: [string, string, string[]][]) {
  const scopes = rules.map(([scope, risk, actions]) => ({
    ...{ scope, title: scope, risk, group: "base", secondsMax: null, steps: [], amounts: null, actions },
  }));
  return { ...DEFAULT_POLICY, scopes };
}
