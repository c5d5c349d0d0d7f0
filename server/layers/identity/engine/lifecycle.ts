import type { Check, Decision } from "../../../kernel/decision.ts";
import { checkLine, type Kin } from "../../../kernel/family-line.ts";
import type { AgentStatus } from "../schema.ts";

/**
 * Where an agent may go from each status. `contained` is left only by a person's release, to `suspended` or
 * `active`; `retired` is final.
 */
export const TRANSITIONS: Record<AgentStatus, readonly AgentStatus[]> = {
  registered: ["enrolled", "suspended", "retired"],
  enrolled: ["active", "contained", "suspended", "retired"],
  active: ["throttled", "contained", "suspended", "retired"],
  throttled: ["active", "contained", "suspended", "retired"],
  contained: ["suspended", "active"],
  suspended: ["active", "contained", "retired"],
  retired: [],
};

/** Whether the agent may go from one status to another; a banned agent may only be stopped. */
export function decideTransition(agent: { status: AgentStatus; banned: boolean }, to: AgentStatus): Decision {
  const allowed = TRANSITIONS[agent.status];
  const checks: Check[] = [
    {
      id: "legal-transition",
      passed: allowed.includes(to),
      detail: allowed.includes(to)
        ? `An agent may go from ${agent.status} to ${to}.`
        : `An agent that is ${agent.status} cannot become ${to}; it may become ${allowed.join(", ") || "nothing else: this is final"}.`,
    },
    {
      id: "not-banned",
      passed: !agent.banned || STOPPED.includes(to),
      detail: agent.banned
        ? `The agent is banned: it may only be contained, suspended or retired.`
        : "The agent is not banned.",
    },
  ];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

const STOPPED: readonly AgentStatus[] = ["contained", "suspended", "retired"];
const CERTIFIED: readonly AgentStatus[] = ["registered", "enrolled", "active", "throttled"];

/**
 * Whether the agent may be given certificates: not once it is contained, suspended, retired or banned, and not
 * while anybody above it is.
 */
export function decideCertification(agent: {
  status: AgentStatus;
  banned: boolean;
  above: readonly Kin[];
}): Decision {
  const checks: Check[] = [
    {
      id: "agent-in-service",
      passed: CERTIFIED.includes(agent.status),
      detail: CERTIFIED.includes(agent.status)
        ? `The agent is ${agent.status}.`
        : `The agent is ${agent.status}: it gets no certificates until a person releases it.`,
    },
    {
      id: "not-banned",
      passed: !agent.banned,
      detail: agent.banned ? "The agent is banned." : "The agent is not banned.",
    },
    checkLine(agent.above),
  ];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}
