import { SLICE_MS } from "../slice.ts";
import { addToCell, type RuleCells } from "./cells.ts";
import type { CompiledRules, CountedStep } from "./compile-rules.ts";
import type { RuleFacts } from "./rule-facts.ts";

const CERTIFICATE_CHARS = 16;

/**
 * Counts one action for the rules over a span, in place: into the cells of its slice. Actions whose time is not
 * believed are not given to it.
 *
 * @returns the cells; undefined while nothing has counted.
 */
export function foldRules(
  cells: RuleCells | undefined,
  rules: Pick<CompiledRules, "steps">,
  facts: RuleFacts,
): RuleCells | undefined {
  let counted = cells;
  const offsetMs = facts.atMs % SLICE_MS;
  for (const step of rules.steps) {
    if (!step.counts(facts)) continue;
    counted ??= {};
    addToCell(counted, step.key, partOf(step, facts, offsetMs), {
      offsetMs,
      bytes: facts.bytes ?? 0,
      things: thingsOf(step, facts),
    });
  }
  return counted;
}

function partOf(step: CountedStep, facts: RuleFacts, offsetMs: number): string {
  if (step.cells === "slice") return "";
  if (step.cells === "second") return String(Math.floor(offsetMs / 1_000));
  return `${facts.certificate.slice(0, CERTIFICATE_CHARS)} ${facts.network}`;
}

const NOTHING: readonly string[] = [];

function thingsOf({ measure }: CountedStep, facts: RuleFacts): readonly string[] | null {
  if (measure === "actions") return null;
  if (measure === "subjects") return facts.subjects ?? NOTHING;
  if (measure === "endpoints") return [facts.endpoint ?? facts.action];
  return facts.transactionId === undefined ? NOTHING : [facts.transactionId];
}
