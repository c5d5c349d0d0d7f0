import type { LimbAnswer, LimbId } from "#server/incidents/schema.ts";

/** The three limbs of the rule, in its order. */
export const LIMB_TITLES: readonly { id: LimbId; title: string }[] = [
  { id: "operations", title: "Operations and customers" },
  { id: "business-line", title: "Business line" },
  { id: "stability", title: "Financial stability" },
];

/** The three answers to each limb, as the rule words them. */
export const ANSWER_WORDS: Record<LimbAnswer, string> = {
  has: "it has",
  "reasonably-likely": "reasonably likely",
  no: "no",
};

/**
 * An instant from a `datetime-local` field, whose text is taken as UTC; null when it is empty or not one.
 * The field's label says UTC, and the browser's own zone never enters.
 */
export function utcInstant(field: string): string | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(field)) return null;
  const at = new Date(`${field}Z`);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** A server instant as the text of a `datetime-local` field in UTC, to the minute. */
export function utcField(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}
