import { describe, expect, test } from "vitest";
import { type ActionRuleFacts, checkActionRules } from "./action-rules.ts";

const SENSITIVE_SCOPE = "customer:sensitive_data";
const SINGLE_ACTION_BYTES_MAX = 1024 ** 3;

const NOW = Date.parse("2026-11-23T10:00:00Z");
const judge = (more: Partial<ActionRuleFacts> = {}) =>
  checkActionRules({ action: "transactions.read", atMs: NOW, receivedMs: NOW, scopes: [], ...more });

describe("the rules of a single action", () => {
  test("an ordinary action passes all, with a reason each", () => {
    const { outcome, checks, alerts } = judge({
      endpoint: "/accounts/recent",
      dataAccessed: ["account_history"],
    });
    expect(outcome).toBe("allow");
    expect(alerts).toEqual([]);
    expect(checks.map(({ id, passed }) => [id, passed])).toEqual([
      ["sensitive-data-in-scope", true],
      ["single-action-volume", true],
      ["believable-time", true],
    ]);
  });

  test.each([
    { endpoint: "/data/sensitive/customers" },
    { endpoint: "/v1/PII" },
    { dataAccessed: ["ledger", "customer.pii"] },
    { dataAccessed: ["customer:sensitive_data"] },
  ])("%o needs the scope for sensitive data, and is critical without it", (facts) => {
    expect(judge(facts)).toMatchObject({
      outcome: "deny",
      alerts: [{ rule: "sensitive-data-in-scope", severity: "critical" }],
    });
    expect(judge({ ...facts, scopes: [SENSITIVE_SCOPE] })).toMatchObject({ outcome: "allow", alerts: [] });
    expect(judge({ ...facts, scopes: ["transactions:read"] }).outcome).toBe("deny");
  });

  test("a word that only contains the letters is not sensitive data", () => {
    expect(judge({ endpoint: "/v1/insensitive", dataAccessed: ["copii", "piilot"] }).outcome).toBe("allow");
  });

  test("one action of more than 1 GiB raises an alert and is let through; 1 GiB does not", () => {
    expect(judge({ bytes: SINGLE_ACTION_BYTES_MAX }).alerts).toEqual([]);
    expect(judge({ bytes: SINGLE_ACTION_BYTES_MAX + 1 })).toMatchObject({
      outcome: "allow",
      alerts: [{ rule: "single-action-volume", severity: "high" }],
    });
  });

  test("an action too far back is recorded with an alert, so that lying about the time shows", () => {
    expect(judge({ atMs: NOW - 600_001 })).toMatchObject({
      outcome: "allow",
      alerts: [{ rule: "believable-time" }],
    });
    expect(judge({ atMs: NOW - 600_000 }).alerts).toEqual([]);
  });
});
