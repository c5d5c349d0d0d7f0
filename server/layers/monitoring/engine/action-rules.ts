import type { Check, Decision } from "../../../kernel/decision.ts";
import { BELIEVED_AHEAD_MS, BELIEVED_BACK_MS } from "./slice.ts";

/** What the rules for one action look at. */
export type ActionRuleFacts = {
  action: string;
  atMs: number;
  receivedMs: number;
  endpoint?: string | undefined;
  bytes?: number | undefined;
  dataAccessed?: readonly string[] | undefined;
  /** Scopes of the token the action came with. */
  scopes: readonly string[];
};

/** An alert that a rule asks for; the caller raises it in the transaction of the record. */
export type RuleAlert = {
  rule: string;
  severity: "medium" | "high" | "critical";
  title: string;
  detail: string;
};

export type ActionRuleDecision = Decision & { alerts: RuleAlert[] };

/** The scope without which no agent reads what is marked sensitive (seed, module 4). */
export const SENSITIVE_SCOPE = "customer:sensitive_data";
/** One call that moves this much is looked at, whoever makes it: a minute of the seed's alarm volume. */
export const SINGLE_ACTION_BYTES_MAX = 1024 ** 3;

const SENSITIVE = /(^|[/:._-])(sensitive|pii)([/:._-]|$)/i;

type Rule = {
  id: string;
  severity: RuleAlert["severity"];
  title: string;
  /** Whether a failed check refuses the action, or only raises the alert. */
  refuses: boolean;
  check: (facts: ActionRuleFacts) => { passed: boolean; detail: string };
};

const RULES: readonly Rule[] = [
  {
    id: "sensitive-data-in-scope",
    severity: "critical",
    title: "Unauthorised data access attempt",
    refuses: true,
    check: (facts) => {
      const touched = sensitiveNames(facts);
      if (touched.length === 0)
        return { passed: true, detail: "The action touches no data marked sensitive." };
      const passed = facts.scopes.includes(SENSITIVE_SCOPE);
      return {
        passed,
        detail: passed
          ? `The token carries ${SENSITIVE_SCOPE}, which ${touched.join(", ")} needs.`
          : `The action touches ${touched.join(", ")}, which needs the scope ${SENSITIVE_SCOPE}; the token does not carry it.`,
      };
    },
  },
  {
    id: "single-action-volume",
    severity: "high",
    title: "One action moved more than 1 GiB",
    refuses: false,
    check: ({ bytes = 0 }) => ({
      passed: bytes <= SINGLE_ACTION_BYTES_MAX,
      detail: `The action moved ${bytes} bytes; more than ${SINGLE_ACTION_BYTES_MAX} in one action raises an alert.`,
    }),
  },
  {
    id: "believable-time",
    severity: "medium",
    title: "Actions reported outside the time that is believed",
    refuses: false,
    check: ({ atMs, receivedMs }) => {
      const passed = atMs >= receivedMs - BELIEVED_BACK_MS && atMs <= receivedMs + BELIEVED_AHEAD_MS;
      return {
        passed,
        detail: passed
          ? "The action's time is within 10 minutes back and 5 minutes ahead of the server."
          : `The action says it happened ${Math.round((receivedMs - atMs) / 1000)} s before it arrived; it is recorded and not scored.`,
      };
    },
  },
];

/**
 * The rules that hold for a single action, in order (seed, module 5: its Falco rules). Only a touch of
 * sensitive data without its scope refuses; the others raise an alert and let the record stand.
 */
export function checkActionRules(facts: ActionRuleFacts): ActionRuleDecision {
  const checks: Check[] = [];
  const alerts: RuleAlert[] = [];
  let outcome: "allow" | "deny" = "allow";
  for (const rule of RULES) {
    const { passed, detail } = rule.check(facts);
    checks.push({ id: rule.id, passed, detail });
    if (passed) continue;
    if (rule.refuses) outcome = "deny";
    alerts.push({ rule: rule.id, severity: rule.severity, title: rule.title, detail });
  }
  return { outcome, checks, alerts };
}

function sensitiveNames({ endpoint, dataAccessed = [] }: ActionRuleFacts): string[] {
  const names = endpoint ? [endpoint, ...dataAccessed] : dataAccessed;
  return names.filter((name) => SENSITIVE.test(name)).slice(0, 5);
}
