import type { Check, Decision } from "../../kernel/decision.ts";

/**
 * Whether this person may confirm the release of a contained agent: somebody asked for it, it was not this
 * person, and the agent is not theirs. People are compared by their ids, which never change.
 */
export function decideRelease(facts: {
  status: string;
  requestedBy: string | null;
  ownerId: string | null;
  personId: string;
}): Decision {
  const { status, requestedBy, ownerId, personId } = facts;
  const checks: Check[] = [
    {
      id: "still-contained",
      passed: status !== "released",
      detail: status === "released" ? "The agent was released already." : "The agent is contained.",
    },
    {
      id: "requested",
      passed: requestedBy !== null,
      detail:
        requestedBy === null
          ? "Nobody has asked for this release yet."
          : "Somebody has asked for this release.",
    },
    {
      id: "second-person",
      passed: requestedBy !== personId,
      detail:
        requestedBy === personId
          ? "You asked for this release; somebody else must confirm it."
          : "Whoever confirms is not the one who asked.",
    },
    {
      id: "not-owner",
      passed: ownerId !== personId,
      detail:
        ownerId === personId
          ? "The agent is yours; somebody else must confirm its release."
          : "Whoever confirms does not own the agent.",
    },
  ];
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}
