import type { RuleSet } from "../../rules-schema.ts";
import { SLICE_MS, sliceOf } from "../slice.ts";
import type { RuleCells } from "./cells.ts";
import { type CompiledRules, compileRules } from "./compile-rules.ts";
import { type Firing, findFirings } from "./find-firings.ts";
import { foldRules } from "./fold-rules.ts";
import type { RuleAgent, RuleFacts } from "./rule-facts.ts";
import { cellsOfStep } from "./run-example.ts";

/** A rule for single actions fires once a minute, as the gateway counts its firings. */
const SINGLE_EPISODE_MS = 60_000;
const EXAMPLES_MAX = 5;

type OfAgent = {
  agent: RuleAgent;
  slices: Map<number, RuleCells>;
  /** One record of each slice in which a step counted something. */
  records: Map<string, string>;
  singles: Map<string, Firing & { recordIds: string[] }>;
};

/** Rules that are tried on what was recorded, and what they have counted so far. */
export type RuleDryRun = {
  rules: CompiledRules;
  agents: Map<string, OfAgent>;
  actions: number;
  /** Slices held: what bounds the memory. */
  held: number;
};

export type WouldFire = Firing & { agentId: string; recordIds: string[] };

/** Begins to try rules, those that are off as if they were on. @param timeZone the bank's. */
export function startRuleDryRun(rules: RuleSet["rules"], timeZone: string): RuleDryRun {
  const on = rules.map((rule) => ({ ...rule, enabled: true }));
  return {
    rules: compileRules({ version: 1, rules: on }, timeZone),
    ...{ agents: new Map(), actions: 0, held: 0 },
  };
}

/** Counts what one record reported, by the same fold as the gateway's. Records may come in any order. */
export function tryRecord(
  run: RuleDryRun,
  record: { id: string; agentId: string; agent: RuleAgent; facts: readonly RuleFacts[] },
): void {
  const own = agentOf(run, record);
  for (const fact of record.facts) {
    run.actions++;
    trySingles(run, own, record.id, fact);
    const { sliceMs, late } = sliceOf(fact.atMs, fact.receivedMs);
    if (late) continue;
    const before = own.slices.get(sliceMs);
    const cells = foldRules(before, run.rules, fact);
    if (!cells) continue;
    if (!before) {
      own.slices.set(sliceMs, cells);
      run.held++;
    }
    for (const step of run.rules.steps)
      if (cells[step.key] && step.counts(fact)) {
        const place = `${step.key}/${sliceMs}`;
        if (!own.records.has(place)) own.records.set(place, record.id);
      }
  }
}

/** What would have fired, the newest first: all that was counted is judged as the worker judges it. */
export function endRuleDryRun(run: RuleDryRun): WouldFire[] {
  const found = [...run.agents].flatMap(([agentId, own]) => [
    ...[...own.singles.values()].map((firing) => ({ ...firing, agentId })),
    ...run.rules.spans.flatMap((span) => {
      if (!span.holdsFor(own.agent)) return [];
      const steps = span.steps.map(({ key }) => cellsOfStep(own.slices, key));
      return findFirings(span, steps, {
        fromMs: Number.NEGATIVE_INFINITY,
        toMs: Number.POSITIVE_INFINITY,
      }).map((firing) => ({ ...firing, agentId, recordIds: recordsOf(own, span.steps, firing) }));
    }),
  ]);
  return found.sort((a, b) => b.lastMs - a.lastMs || (a.agentId < b.agentId ? -1 : 1));
}

function agentOf(run: RuleDryRun, { agentId, agent }: { agentId: string; agent: RuleAgent }): OfAgent {
  let own = run.agents.get(agentId);
  if (!own) {
    own = { agent, slices: new Map(), records: new Map(), singles: new Map() };
    run.agents.set(agentId, own);
  }
  return own;
}

/** Refused for another reason, an action does not come as far as the rules for single actions. */
function trySingles(run: RuleDryRun, own: OfAgent, recordId: string, fact: RuleFacts): void {
  for (const single of run.rules.single) {
    const { passed, detail } = single.check({ ...fact, refused: false });
    if (passed || (fact.refused && !single.refuses)) continue;
    const { receivedMs } = fact;
    const episodeMs = receivedMs - (receivedMs % SINGLE_EPISODE_MS);
    const place = `${single.id}/${episodeMs}`;
    const before = own.singles.get(place);
    own.singles.set(place, {
      ...{ rule: single.id, episodeMs },
      firstMs: Math.min(before?.firstMs ?? receivedMs, receivedMs),
      lastMs: Math.max(before?.lastMs ?? receivedMs, receivedMs),
      counts: { actions: Number(before?.counts.actions ?? 0) + 1, said: before?.counts.said ?? detail },
      recordIds:
        before && before.recordIds.length >= EXAMPLES_MAX
          ? before.recordIds
          : [...new Set([...(before?.recordIds ?? []), recordId])],
    });
  }
}

function recordsOf(own: OfAgent, steps: readonly { key: string }[], { firstMs, lastMs }: Firing): string[] {
  const found = new Set<string>();
  for (
    let at = lastMs - (lastMs % SLICE_MS);
    at >= firstMs - SLICE_MS && found.size < EXAMPLES_MAX;
    at -= SLICE_MS
  )
    for (const { key } of steps) {
      const record = own.records.get(`${key}/${at}`);
      if (record) found.add(record);
    }
  return [...found].slice(0, EXAMPLES_MAX);
}
