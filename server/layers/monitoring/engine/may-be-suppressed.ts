import type { Decision } from "../../../kernel/decision.ts";
import type { AlertKind, AlertSeverity } from "../schema.ts";

/**
 * Whether an alert may be silenced for a while. What is critical, what tells of a containment or of a regulator's clock,
 * and what is about no agent is always raised.
 */
export function mayBeSuppressed(alert: {
  agentId: string | null;
  kind: AlertKind;
  severity: AlertSeverity;
}): Decision & { allowed: boolean } {
  const checks = [
    {
      id: "about-an-agent",
      passed: alert.agentId !== null,
      detail: "Alerts are suppressed for one agent and rule; this one is about no agent.",
    },
    {
      id: "not-critical",
      passed: alert.severity !== "critical",
      detail: "Critical alerts are never suppressed.",
    },
    {
      id: "no-containment",
      passed: alert.kind !== "isolation",
      detail: "Alerts of a containment are never suppressed.",
    },
    {
      id: "no-clock",
      passed: alert.kind !== "incident",
      detail: "Alerts of an incident's clock are never suppressed.",
    },
  ];
  const allowed = checks.every(({ passed }) => passed);
  return { outcome: allowed ? "allow" : "deny", checks, allowed };
}
