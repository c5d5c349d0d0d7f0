import { type DetectionRule, RULE_LIMITS, type RuleSet, SINGLE_KINDS } from "../../rules-schema.ts";
import { runExample } from "./run-example.ts";

/** All examples of a set together may hold so many actions: what a proposal costs has an end. */
export const EXAMPLE_EVENTS_MAX = 100_000;

/**
 * What is wrong with a version of the rules beyond its form, in sentences; empty where nothing is. A rule whose own
 * examples do not come out as they say is wrong, whether it is on or not.
 */
export function checkRuleSet({ rules }: Pick<RuleSet, "rules">): string[] {
  const ids = rules.map(({ id }) => id);
  const twice = [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))];
  const wrong = [...twice.map((id) => `${id} stands twice.`), ...rules.flatMap(checkForm)];
  const events = rules.reduce((sum, rule) => sum + eventsOf(rule), 0);
  if (events > EXAMPLE_EVENTS_MAX)
    wrong.push(`The examples hold ${events} actions; at most ${EXAMPLE_EVENTS_MAX} together.`);
  return wrong.length > 0 ? wrong : rules.flatMap(checkExamples);
}

function checkForm(rule: DetectionRule): string[] {
  const { id, condition, does, examples } = rule;
  const wrong: string[] = [];
  const single = SINGLE_KINDS.includes(condition.kind);
  if (does === "refuse" && (!single || condition.kind === "untrusted-time"))
    wrong.push(`${id}: only a rule about what a single action touches or moves can refuse it.`);
  if (does === "limit" && single)
    wrong.push(`${id}: a rule for single actions refuses or alerts; only one over a span limits.`);
  if (single && rule.agents)
    wrong.push(`${id}: a rule for single actions holds for all agents; take its agents out.`);
  if (condition.kind === "forbidden-data" && condition.words.length + condition.patterns.length === 0)
    wrong.push(`${id}: it names no data.`);
  if (condition.kind === "single-action" && Object.keys(condition.where).length === 0)
    wrong.push(`${id}: it would look for every action; say which.`);
  if (condition.kind === "sequence" && Object.keys(condition.next.where).length === 0)
    wrong.push(`${id}: its second step is every action; say which.`);
  if (!examples.some(({ fires }) => fires) || !examples.some(({ fires }) => !fires))
    wrong.push(`${id}: it needs an example that fires and one that does not.`);
  for (const example of examples) {
    const events = example.steps.reduce((sum, { times }) => sum + times, 0);
    if (events > RULE_LIMITS.eventsPerExampleMax)
      wrong.push(
        `${id}: “${example.title}” holds ${events} actions; at most ${RULE_LIMITS.eventsPerExampleMax}.`,
      );
  }
  return wrong;
}

function checkExamples(rule: DetectionRule): string[] {
  return rule.examples.flatMap((example) => {
    if (runExample(rule, example) === example.fires) return [];
    return [
      example.fires
        ? `${rule.id}: it does not fire for “${example.title}”, which it should.`
        : `${rule.id}: it fires for “${example.title}”, which it should not.`,
    ];
  });
}

function eventsOf({ examples }: DetectionRule): number {
  return examples.flatMap(({ steps }) => steps).reduce((sum, { times }) => sum + times, 0);
}
