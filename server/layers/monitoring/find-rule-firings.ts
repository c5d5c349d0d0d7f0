import type { Database } from "../../../db/client.ts";
import type { StepCells } from "./engine/rules/cells.ts";
import type { CompiledRules, SpanRule } from "./engine/rules/compile-rules.ts";
import { type Firing, findFirings } from "./engine/rules/find-firings.ts";
import { SLICE_MS } from "./engine/slice.ts";
import {
  type RuledAgent,
  ruledAgents,
  type StepSpan,
  stepCells,
  type UnruledSlice,
} from "./rule-slices-store.ts";

/** A rule that holds for an agent; whether it was answered before is not known yet. */
export type AgentFiring = Firing & { agent: RuledAgent; span: SpanRule };
type Question = { agent: RuledAgent; span: SpanRule; fromMs: number; toMs: number };

/**
 * What the rules over a span say of slices that have grown. A slice bears on the spans that end with it and with each
 * slice after it, as far as the rule's span reaches. Reads only.
 */
export async function findRuleFirings(
  db: Database,
  rules: CompiledRules,
  fresh: readonly UnruledSlice[],
): Promise<AgentFiring[]> {
  const agents = await ruledAgents(
    db,
    fresh.map(({ agentId }) => agentId),
  );
  const questions = questionsOf(rules, fresh, agents);
  // The last step first: mostly nothing came out of it, and then the first is not read.
  const last = await cellsOf(db, questions, (span) => span.steps[span.steps.length - 1]?.key, 0);
  const open = questions.filter((question) => (last.get(placeOf(question))?.size ?? 0) > 0);
  const sequences = open.filter(({ span }) => span.steps.length > 1);
  const first = await cellsOf(db, sequences, (span) => span.steps[0]?.key, 1);
  return open.flatMap((question) => {
    const { agent, span, fromMs, toMs } = question;
    const ends = last.get(placeOf(question)) ?? new Map();
    const steps = span.steps.length > 1 ? [first.get(placeOf(question)) ?? new Map(), ends] : [ends];
    return findFirings(span, steps, { fromMs, toMs }).map((firing) => ({ ...firing, agent, span }));
  });
}

function questionsOf(
  rules: CompiledRules,
  fresh: readonly UnruledSlice[],
  agents: ReadonlyMap<string, RuledAgent>,
): Question[] {
  return [...Map.groupBy(fresh, ({ agentId }) => agentId)].flatMap(([agentId, slices]) => {
    const agent = agents.get(agentId);
    if (!agent) return [];
    return rules.spans.flatMap((span) => {
      const grown = slices.filter(({ keys }) => span.steps.some(({ key }) => keys.includes(key)));
      if (grown.length === 0 || !span.holdsFor(agent)) return [];
      const times = grown.map(({ sliceMs }) => sliceMs);
      const toMs = Math.max(...times) + span.spanMs - SLICE_MS;
      return [{ agent, span, fromMs: Math.min(...times), toMs }];
    });
  });
}

async function cellsOf(
  db: Database,
  questions: readonly Question[],
  keyOf: (span: SpanRule) => string | undefined,
  step: number,
): Promise<Map<string, Map<number, StepCells>>> {
  const places = new Map<string, string>();
  const spans = questions.flatMap<StepSpan>((question) => {
    const { agent, span, fromMs, toMs } = question;
    const key = keyOf(span);
    if (key === undefined) return [];
    places.set(`${agent.id}/${key}`, placeOf(question));
    // Of a sequence's second step only the ends are asked for.
    const reach = span.steps.length > 1 && step === 0 ? 0 : span.spanMs - SLICE_MS;
    return [{ agentId: agent.id, key, fromMs: fromMs - reach, toMs }];
  });
  const found = new Map<string, Map<number, StepCells>>();
  for (const { agentId, key, sliceMs, cells } of await stepCells(db, spans)) {
    const place = places.get(`${agentId}/${key}`) ?? "";
    const own = found.get(place) ?? new Map<number, StepCells>();
    found.set(place, own.set(sliceMs, cells));
  }
  return found;
}

function placeOf({ agent, span }: Question): string {
  return `${agent.id}/${span.rule.id}`;
}
