import type { DetectionRule, ExampleStep, RuleExample } from "../../rules-schema.ts";
import { SLICE_MS, sliceOf } from "../slice.ts";
import type { RuleCells, StepCells } from "./cells.ts";
import { type CompiledRules, compileRules } from "./compile-rules.ts";
import { findFirings } from "./find-firings.ts";
import { foldRules } from "./fold-rules.ts";
import type { RuleFacts } from "./rule-facts.ts";

/** A Monday; the hours of an example are hours of the bank's zone, so that it is judged in UTC. */
const MIDNIGHT_MS = Date.parse("2026-01-05T00:00:00Z");
const HOUR_MS = 3_600_000;

/** Whether a rule, were it on, would fire for its example: the same fold and the same judging as on real actions. */
export function runExample(rule: DetectionRule, example: RuleExample): boolean {
  const set = { version: 1, rules: [{ ...rule, enabled: true, agents: undefined }] };
  const rules = compileRules(set, "UTC");
  const startMs = MIDNIGHT_MS + example.startHour * HOUR_MS;
  const facts = example.steps.flatMap((step) => factsOf(step, startMs));
  if (facts.some((it) => rules.single.some((single) => !single.check(it).passed))) return true;
  return firesOver(rules, facts);
}

function firesOver(rules: CompiledRules, facts: readonly RuleFacts[]): boolean {
  const slices = new Map<number, RuleCells>();
  for (const fact of facts) {
    const { sliceMs, late } = sliceOf(fact.atMs, fact.receivedMs);
    const cells = late ? undefined : foldRules(slices.get(sliceMs), rules, fact);
    if (cells) slices.set(sliceMs, cells);
  }
  const ends = [...slices.keys()];
  const range = { fromMs: Math.min(...ends), toMs: Math.max(...ends) + SLICE_MS };
  return rules.spans.some(
    (span) =>
      findFirings(
        span,
        span.steps.map(({ key }) => cellsOfStep(slices, key)),
        range,
      ).length > 0,
  );
}

/** The slices in which a step counted something. */
export function cellsOfStep(slices: ReadonlyMap<number, RuleCells>, key: string): Map<number, StepCells> {
  const found = new Map<number, StepCells>();
  for (const [sliceMs, cells] of slices) {
    const step = cells[key];
    if (step) found.set(sliceMs, step);
  }
  return found;
}

function factsOf(step: ExampleStep, startMs: number): RuleFacts[] {
  return Array.from({ length: step.times }, (_, n) => {
    const atMs = startMs + step.after * 1_000 + n * step.everyMs;
    const numbered = (text: string | undefined) => text?.replaceAll("{n}", String(n));
    const subject = numbered(step.subject);
    return {
      action: step.action,
      ...{ atMs, receivedMs: atMs + step.arrivesAfterSeconds * 1_000 },
      endpoint: numbered(step.endpoint),
      transactionId: numbered(step.transactionId),
      bytes: step.bytes,
      dataAccessed: step.data,
      subjects: subject === undefined ? undefined : [subject],
      ...{ peer: step.peer, refused: step.refused, scopes: step.scopes ?? [] },
      ...{ certificate: step.certificate, network: step.network },
    };
  });
}
