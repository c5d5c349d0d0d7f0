import {
  type Authority,
  CLAIM_VALUES,
  type Claim,
  type ClaimValue,
  type Level,
  type Standing,
} from "#server/layers/identity/facts-schema.ts";
import { toWords } from "../ui/format.ts";
import type { Tone } from "../ui/tone.ts";

export const CLAIM_NAMES: Record<Claim, string> = {
  core_identity: "Core identity",
  owner: "Owner",
  baseline_model: "Baseline model",
  classification: "Classification",
  capabilities: "Capabilities",
  data_access: "Data access",
  compliance_level: "Compliance level",
};

export const AUTHORITY_NAMES: Record<Authority, string> = {
  "issuing-ca": "Issuing authority",
  "business-owner": "Business owner",
  compliance: "Compliance",
  "security-review": "Security review",
};

export const STANDING_WORDS: Record<Standing, { word: string; tone: Tone }> = {
  attested: { word: "attested", tone: "ok" },
  expired: { word: "expired", tone: "high" },
  withdrawn: { word: "withdrawn", tone: "high" },
  "other-value": { word: "other value", tone: "medium" },
  invalid: { word: "not genuine", tone: "critical" },
  void: { word: "does not count", tone: "medium" },
  missing: { word: "missing", tone: "neutral" },
};

/** A level as a badge says it: what is borne out, never what is claimed. */
export function levelWords(effective: Level | null): { word: string; tone: Tone } {
  if (effective === null) return { word: "no level", tone: "neutral" };
  return { word: effective, tone: effective === "gold" || effective === "platinum" ? "ok" : "low" };
}

/** Claimed and borne out, in a sentence, so that one is never taken for the other. */
export function levelSentence(claimed: Level | null, effective: Level | null): string {
  if (claimed === null) return "No compliance level is claimed.";
  return `Claimed: ${claimed}. Attested: ${effective ?? "none"}.`;
}

/** A claim's value as named lines; lists joined, yes and no for flags. */
export function valueLines(value: ClaimValue): [name: string, text: string][] {
  return Object.entries(value).map(([name, member]) => [capital(toWords(name)), memberText(member)]);
}

function memberText(member: ClaimValue[string]): string {
  if (Array.isArray(member)) return member.map(memberText).join(", ");
  if (typeof member === "boolean") return member ? "yes" : "no";
  return String(member);
}

/** One member of a claim as its form asks for it. */
export type Field = { name: string; label: string; required: boolean } & (
  | { kind: "text" | "list" | "flag" }
  | { kind: "choice"; options: readonly string[] }
);

const choice = (name: string, options: readonly string[]): Field => ({
  ...{ name, label: capital(toWords(name)), required: true, kind: "choice", options },
});
const field = (name: string, kind: "text" | "list" | "flag", required = true): Field => ({
  ...{ name, label: capital(toWords(name)), required, kind },
});
const { classification, data_access, compliance_level } = CLAIM_VALUES;

/** The form of each claim that people state. What the register says has none. */
export const CLAIM_FIELDS: Record<Claim, readonly Field[]> = {
  core_identity: [],
  owner: [],
  baseline_model: [
    field("foundation_model", "text"),
    field("model_version", "text", false),
    field("model_provider", "text", false),
  ],
  classification: [
    choice("agent_type", classification.shape.agent_type.options),
    choice("operational_level", classification.shape.operational_level.options),
    choice("stakeholder_context", classification.shape.stakeholder_context.options),
    choice("deployment_scope", classification.shape.deployment_scope.options),
    choice("interaction_mode", classification.shape.interaction_mode.options),
  ],
  capabilities: [field("domain_expertise", "list"), field("external_apis", "list", false)],
  data_access: [
    choice("classification", data_access.shape.classification.options),
    field("data_sources", "list"),
    field("personal_data", "flag"),
  ],
  compliance_level: [choice("compliance_level", compliance_level.shape.compliance_level.options)],
};

/** What a form starts with: the value that stands, or the first choice of each list. */
export function firstValue(claim: Claim, standing: ClaimValue | null): ClaimValue {
  if (standing) return standing;
  return Object.fromEntries(
    CLAIM_FIELDS[claim].map((one) => [
      one.name,
      one.kind === "choice"
        ? (one.options[0] ?? "")
        : one.kind === "list"
          ? []
          : one.kind === "flag"
            ? false
            : "",
    ]),
  );
}

/** The value to send: members that were left empty and may be are left out. */
export function sentValue(claim: Claim, value: ClaimValue): ClaimValue {
  const optional = CLAIM_FIELDS[claim].filter((one) => !one.required).map((one) => one.name);
  return Object.fromEntries(
    Object.entries(value).filter(([name, member]) => !optional.includes(name) || !isEmpty(member)),
  );
}

/** Whether everything that must be filled in is. */
export function isComplete(claim: Claim, value: ClaimValue): boolean {
  return CLAIM_FIELDS[claim].every((one) => !one.required || !isEmpty(value[one.name]));
}

function isEmpty(member: ClaimValue[string] | undefined): boolean {
  return member === undefined || (Array.isArray(member) ? member.length === 0 : String(member).trim() === "");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const READ_AGAIN_MS_MAX = 300_000;

/** When to read facts again: just after the next attestation in them ends, and every five minutes at least. */
export function msUntilNextEnd(
  claims: readonly { authorities: readonly { standing: Standing; expiresAt: Date | null }[] }[],
  nowMs: number,
): number {
  const ends = claims.flatMap(({ authorities }) =>
    authorities.flatMap((one) =>
      one.standing === "attested" && one.expiresAt ? [one.expiresAt.getTime()] : [],
    ),
  );
  const nextMs = Math.min(...ends.filter((end) => end > nowMs).map((end) => end - nowMs), READ_AGAIN_MS_MAX);
  return Math.max(1_000, nextMs + 250);
}
