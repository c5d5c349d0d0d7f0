import type { DetectionRule, RuleCondition } from "../../rules-schema.ts";
import { BELIEVED_AHEAD_MS, BELIEVED_BACK_MS } from "../slice.ts";
import { compileFilter } from "./compile-filter.ts";
import { compileGlobs } from "./match-glob.ts";
import type { RuleFacts } from "./rule-facts.ts";

/** What the rules for one action look at: of the facts of an action, those that the caller has. */
export type SingleFacts = Pick<RuleFacts, "action" | "atMs" | "receivedMs" | "scopes"> & Partial<RuleFacts>;

type Judged = { passed: boolean; detail: string };

/** A rule for single actions, ready to judge. */
export type SingleRule = {
  id: string;
  severity: DetectionRule["severity"];
  title: string;
  /** Whether a failed check refuses the action, or only raises the alert. */
  refuses: boolean;
  check: (facts: SingleFacts) => Judged;
};

/** Names that a check says; more stand in the record. */
const NAMED_MAX = 5;

/** The enabled rules for single actions, in the order of the set. @param timeZone the bank's. */
export function compileSingle(rules: readonly DetectionRule[], timeZone: string): SingleRule[] {
  return rules.flatMap((rule) => {
    const check = rule.enabled ? checkOf(rule.condition, timeZone) : null;
    if (!check) return [];
    const { id, severity, title } = rule;
    return [{ id, severity, title, refuses: rule.does === "refuse", check }];
  });
}

function checkOf(condition: RuleCondition, timeZone: string): SingleRule["check"] | null {
  if (condition.kind === "forbidden-data") return forbiddenData(condition);
  if (condition.kind === "untrusted-time") return untrustedTime;
  if (condition.kind !== "single-action") return null;
  const fits = compileFilter(condition.where, timeZone);
  const { bytesAtLeast } = condition.where;
  return (facts) => {
    const passed = !fits({ certificate: "", network: "", refused: false, ...facts });
    if (passed) return { passed, detail: "The action is not one that the rule looks for." };
    const moved = bytesAtLeast
      ? ` It moved ${facts.bytes} bytes; the rule looks from ${bytesAtLeast} on.`
      : "";
    return { passed, detail: `The action is one that the rule looks for.${moved}` };
  };
}

function forbiddenData(condition: RuleCondition & { kind: "forbidden-data" }): SingleRule["check"] {
  const { words, patterns, unlessScope: scope } = condition;
  // Words are letters and digits alone: nothing in this expression comes back to a place it left.
  const word = words.length > 0 ? new RegExp(`(?:^|[/:._-])(?:${words.join("|")})(?:[/:._-]|$)`, "i") : null;
  const fits = patterns.length > 0 ? compileGlobs(patterns) : null;
  const isForbidden = (name: string) => (word?.test(name) ?? false) || (fits?.(name) ?? false);
  return ({ endpoint, dataAccessed, scopes }) => {
    const byEndpoint = endpoint !== undefined && isForbidden(endpoint);
    if (!byEndpoint && !dataAccessed?.some(isForbidden))
      return { passed: true, detail: "The action touches no data that needs a scope of its own." };
    const names = [...(byEndpoint ? [endpoint] : []), ...(dataAccessed ?? []).filter(isForbidden)];
    const touched = names.slice(0, NAMED_MAX).join(", ");
    const passed = scopes.includes(scope);
    return {
      passed,
      detail: passed
        ? `The token carries ${scope}, which ${touched} needs.`
        : `The action touches ${touched}, which needs the scope ${scope}; the token does not carry it.`,
    };
  };
}

function untrustedTime({ atMs, receivedMs }: SingleFacts): Judged {
  const passed = atMs >= receivedMs - BELIEVED_BACK_MS && atMs <= receivedMs + BELIEVED_AHEAD_MS;
  return {
    passed,
    detail: passed
      ? "The action's time is within 10 minutes back and 5 minutes ahead of the server."
      : `The action says it happened ${Math.round((receivedMs - atMs) / 1000)} s before it arrived; it is recorded and not scored.`,
  };
}
