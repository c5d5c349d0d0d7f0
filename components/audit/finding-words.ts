import type { Finding } from "#server/layers/audit/schema.ts";

const CLASSES: Record<Finding["class"], string> = {
  edit: "changed",
  delete: "missing",
  insert: "put in between",
  reorder: "in another order",
  "cut-tail": "cut off at the end",
  fork: "two histories",
  clock: "time goes back",
  "wrong-key": "signed with another key",
  "bad-agent-signature": "agent's signature does not verify",
};

const count = (value: number) => value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** A finding as one headline: which records, and what was done to them. */
export function findingTitle({ class: kind, fromSeq, toSeq }: Finding): string {
  const range =
    fromSeq === toSeq ? `Record ${count(fromSeq)}` : `Records ${count(fromSeq)} to ${count(toSeq)}`;
  return `${range}: ${CLASSES[kind]} (${kind})`;
}
