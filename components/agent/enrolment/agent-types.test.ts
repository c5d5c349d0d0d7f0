import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "#server/layers/authorization/default-policy.ts";
import { PROFILES } from "#server/layers/identity/engine/profiles.ts";
import { PURPOSES } from "#server/layers/identity/schema.ts";
import { checkActionRules } from "#server/layers/monitoring/engine/action-rules.ts";
import { FEATURE_KEYS } from "#server/layers/monitoring/schema.ts";
import { ACTION_RULES, ADVICE, AGENT_TYPES, CREDENTIALS } from "./agent-types.ts";

const ruleOf = (scope: string) => DEFAULT_POLICY.scopes.find((rule) => rule.scope === scope);

describe.each(AGENT_TYPES)("what is advised for %s", (type) => {
  const advice = ADVICE[type];

  it("stands only where the policy lets a scope stand, and asks for what it does not", () => {
    for (const { scope } of advice.standing) expect(ruleOf(scope)?.group, scope).toBe("base");
    for (const { scope } of advice.onApproval) {
      expect(ruleOf(scope), scope).toBeDefined();
      expect(ruleOf(scope)?.group, scope).not.toBe("base");
    }
    const all = [...advice.standing, ...advice.onApproval].map((it) => it.scope);
    expect(new Set(all).size).toBe(all.length);
  });

  it("says why in a sentence, and watches what is measured", () => {
    for (const { why } of [...advice.standing, ...advice.onApproval, ...advice.watch])
      expect(why).toMatch(/^[A-Z].*\.$/);
    for (const { feature } of advice.watch) expect(FEATURE_KEYS).toContain(feature);
    expect(advice.does).toMatch(/\.$/);
  });
});

it("a resource server is advised no scope at all: it would be refused", () => {
  for (const advice of Object.values(ADVICE).filter((it) => it.kind === "resource-server"))
    expect([...advice.standing, ...advice.onApproval]).toEqual([]);
});

it("the credentials are the five that the authorities issue, with the lives they issue", () => {
  expect(CREDENTIALS.map((it) => it.purpose)).toEqual([...PURPOSES]);
  for (const { purpose, lifeHours } of CREDENTIALS)
    expect(lifeHours * 3_600_000, purpose).toBe(PROFILES[purpose].lifeMs);
});

it("the rules are those that every action is checked by", () => {
  const now = Date.now();
  const { checks } = checkActionRules({ action: "a.b", atMs: now, receivedMs: now, scopes: [] });
  expect(ACTION_RULES.map((it) => it.id)).toEqual(checks.map((check) => check.id));
});
