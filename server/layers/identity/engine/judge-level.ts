import type { Check } from "../../../kernel/decision.ts";
import {
  type Authority,
  CLAIM_VALUES,
  type Claim,
  LEVELS,
  type Level,
  type LevelView,
} from "../facts-schema.ts";
import { requirementsOf } from "./facts-policy.ts";
import { type AgentFacts, type AuthorityStanding, judgeAuthority } from "./judge-facts.ts";

/**
 * The level that an agent has at `now`: the highest of which every attestation counts, and every one of the
 * levels below it, and never more than is claimed. What is claimed alone gives nothing.
 */
export function judgeLevel(facts: AgentFacts): LevelView {
  const claimed = claimedLevel(facts);
  let effective: Level | null = null;
  let unbroken = true;
  const steps = LEVELS.map((level) => {
    const checks = [claims(claimed, level), ...requirementsOf(level).map((one) => attested(facts, one))];
    unbroken = unbroken && checks.every((check) => check.passed);
    if (unbroken) effective = level;
    return { level, reached: unbroken, checks };
  });
  return { claimed, effective, steps };
}

function claimedLevel(facts: AgentFacts): Level | null {
  const stated = facts.claims.find((one) => one.claim === "compliance_level");
  const value = stated?.intact ? CLAIM_VALUES.compliance_level.safeParse(stated.value) : null;
  return value?.success ? value.data.compliance_level : null;
}

function claims(claimed: Level | null, level: Level): Check {
  const passed = claimed !== null && LEVELS.indexOf(claimed) >= LEVELS.indexOf(level);
  return {
    id: "claimed",
    passed,
    detail: claimed === null ? "No level is claimed." : `The level claimed is ${claimed}.`,
  };
}

function attested(facts: AgentFacts, wanted: { claim: Claim; authority: Authority }): Check {
  const { standing, detail } = judgeAuthority(facts, wanted.claim, wanted.authority);
  const id = `${wanted.claim}/${wanted.authority}`;
  const what = `${capital(words(wanted.claim))} by ${words(wanted.authority)}`;
  return { id, passed: counts({ standing }), detail: `${what}: ${detail}` };
}

/** Whether a standing bears a level out: `attested` and nothing else does. */
export function counts({ standing }: Pick<AuthorityStanding, "standing">): boolean {
  return standing === "attested";
}

function words(id: string): string {
  return id === "issuing-ca" ? "the issuing authority" : id.replace(/[_-]/g, " ");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
