import type { Check } from "../../kernel/decision.ts";
import type { Impact, LimbId, Outcome, Worksheet } from "../schema.ts";

export const LIMBS: readonly { id: LimbId; title: string; question: string }[] = [
  {
    id: "operations",
    title: "Operations and customers",
    question:
      "Has it materially disrupted or degraded, or is it reasonably likely to, the bank's ability to carry out operations or deliver products and services to a material portion of its customer base, in the ordinary course?",
  },
  {
    id: "business-line",
    title: "Business line",
    question:
      "… a business line whose failure would cause a material loss of revenue, profit or franchise value?",
  },
  {
    id: "stability",
    title: "Financial stability",
    question:
      "… operations whose failure or discontinuance would threaten the financial stability of the United States?",
  },
];

type Trigger = { id: string; fired: (impact: Impact) => boolean | null; meaning: string };

/** Five signs that are worth a look. None of them is the rule, and `meaning` says why for each. */
const TRIGGERS: readonly Trigger[] = [
  {
    id: "service-disruption",
    fired: (i) => compare(i.serviceDisruptionHours, (hours) => hours >= 4),
    meaning:
      "Four hours is the test for bank service providers (12 CFR 225.303). For the bank itself, look at how material the disruption is.",
  },
  {
    id: "customers-affected",
    fired: (i) => compare(i.customersAffected, (customers) => customers > 0),
    meaning: "The rule asks for a material portion of the customer base, not for any customer.",
  },
  {
    id: "data-breach",
    fired: (i) => i.dataBreachConfirmed,
    meaning:
      "A breach shows actual harm to confidentiality. By itself it meets none of the three limbs; other duties may apply.",
  },
  {
    id: "financial-loss",
    fired: (i) => compare(i.financialLossUsd, (loss) => loss > 100_000),
    meaning:
      "The rule names no amount. A loss matters where it is material to a business line's revenue, profit or franchise value.",
  },
  {
    id: "system-integrity",
    fired: (i) => i.systemIntegrityCompromised,
    meaning: "This shows actual harm to integrity. Ask what it does to operations and business lines.",
  },
];

function compare(value: number | null, test: (value: number) => boolean): boolean | null {
  return value === null ? null : test(value);
}

/** One trigger's answer: `fired` is null where the fact is not known yet. */
export type TriggerAdvice = { id: string; fired: boolean | null; meaning: string };

/**
 * What the five triggers of the course say of an impact. Advice alone: nothing is determined by it and no
 * clock starts from it; a person with the permission decides.
 */
export function adviseDetermination(impact: Impact): { triggers: TriggerAdvice[]; summary: string } {
  const triggers = TRIGGERS.map(({ id, fired, meaning }) => ({ id, fired: fired(impact), meaning }));
  const fired = triggers.filter((trigger) => trigger.fired === true).length;
  const unknown = triggers.filter((trigger) => trigger.fired === null).length;
  const summary =
    fired > 0
      ? `${fired} of 5 signs are present: determine now, as soon as the three limbs can be judged.`
      : unknown > 0
        ? `No sign is present so far; ${unknown} of 5 are not known yet.`
        : "None of the five signs is present.";
  return { triggers, summary };
}

/**
 * The rule's own logic over a person's answers: an incident must be notified when there was actual harm and
 * at least one limb has happened or is reasonably likely. "Not notifiable" against those answers contradicts
 * the definition; notifying without a limb is allowed, since nobody is kept from telling a regulator.
 */
export function checkWorksheet(sheet: Worksheet, outcome: Outcome): Check[] {
  const met = LIMBS.filter(({ id }) => sheet.limbs[id].answer !== "no");
  const definition = sheet.actualHarm.answer && met.length > 0;
  return [
    {
      id: "actual-harm",
      passed: sheet.actualHarm.answer,
      detail: sheet.actualHarm.answer
        ? "Actual harm to confidentiality, integrity or availability is stated."
        : "No actual harm is stated: attempts and imminent threats are outside the rule.",
    },
    ...LIMBS.map(({ id, title }) => ({
      id,
      passed: sheet.limbs[id].answer !== "no",
      detail: `${title}: ${ANSWERS[sheet.limbs[id].answer]}.`,
    })),
    {
      id: "outcome-follows",
      passed: outcome === "notifiable" || !definition,
      detail:
        outcome === "notifiable"
          ? definition
            ? "The answers meet the definition of a notification incident."
            : "The answers do not meet the definition; the bank notifies nevertheless."
          : definition
            ? "The answers meet the definition of a notification incident, so the outcome cannot be that it is none. Change the answers, with their facts, or the outcome."
            : "The answers do not meet the definition of a notification incident.",
    },
  ];
}

const ANSWERS = {
  has: "it has",
  "reasonably-likely": "it is reasonably likely to",
  no: "neither has it nor is it reasonably likely to",
} as const;
