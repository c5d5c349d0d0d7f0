import type { Check } from "../../../kernel/decision.ts";
import type { Kin } from "../../../kernel/family-line.ts";
import type { AgentStatus } from "../schema.ts";
import { decideCertification } from "./lifecycle.ts";

/**
 * Whether this token may enrol this agent now, with keys that are all different.
 *
 * @param facts.keyIds the key of each request; null where the request could not be read.
 */
export function checkEnrolment(facts: {
  token: { usedAt: Date | null; expiresAt: Date };
  agent: { status: AgentStatus; banned: boolean; above: readonly Kin[] };
  keyIds: readonly (string | null)[];
  now: Date;
}): Check[] {
  const { token, agent, now } = facts;
  const known = facts.keyIds.filter((keyId) => keyId !== null);
  return [
    {
      id: "token-unused",
      passed: token.usedAt === null,
      detail: token.usedAt
        ? "This join token was used already. Each enrols once: ask for a new one, and find out who used it."
        : "The join token was not used before.",
    },
    {
      id: "token-in-time",
      passed: now < token.expiresAt,
      detail: `The join token is good until ${token.expiresAt.toISOString()}.`,
    },
    ...decideCertification(agent).checks,
    {
      id: "keys-distinct",
      passed: new Set(known).size === known.length,
      detail: "Each purpose has a key of its own.",
    },
  ];
}
