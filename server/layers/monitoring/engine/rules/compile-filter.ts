import type { ActionFilter, AgentFilter } from "../../rules-schema.ts";
import { hourOfWeek } from "../hour-of-week.ts";
import { compileGlobs } from "./match-glob.ts";
import type { RuleAgent, RuleFacts } from "./rule-facts.ts";

type Test = (facts: RuleFacts) => boolean;

/** One test for all that a filter asks, the cheapest first. @param timeZone the bank's, for its hours. */
export function compileFilter(filter: ActionFilter, timeZone: string): Test {
  const { refused, peer, bytesAtLeast, hours } = filter;
  const tests: Test[] = [];
  if (refused !== undefined) tests.push((facts) => facts.refused === refused);
  if (peer !== undefined) tests.push((facts) => facts.peer === peer);
  if (bytesAtLeast !== undefined) tests.push(({ bytes = 0 }) => bytes >= bytesAtLeast);
  if (filter.actions) {
    const fits = compileGlobs(filter.actions);
    tests.push((facts) => fits(facts.action));
  }
  if (filter.endpoints) {
    const fits = compileGlobs(filter.endpoints);
    tests.push(({ endpoint }) => endpoint !== undefined && fits(endpoint));
  }
  if (filter.data) {
    const fits = compileGlobs(filter.data);
    tests.push(({ dataAccessed }) => dataAccessed?.some(fits) ?? false);
  }
  if (hours) tests.push(({ atMs }) => isWithin(hourOfWeek(atMs, timeZone) % 24, hours));
  const [only] = tests;
  if (tests.length === 0) return () => true;
  if (only && tests.length === 1) return only;
  return (facts) => {
    for (const test of tests) if (!test(facts)) return false;
    return true;
  };
}

/** Whether a rule over a span holds for an agent. */
export function compileAgents(filter: AgentFilter | undefined): (agent: RuleAgent) => boolean {
  if (!filter) return () => true;
  const named = filter.names ? compileGlobs(filter.names) : () => true;
  const among = (list: readonly string[] | undefined, value: string) => !list || list.includes(value);
  return ({ name, kind, zone, criticality }) =>
    named(name) &&
    among(filter.kinds, kind) &&
    among(filter.zones, zone) &&
    among(filter.criticalities, criticality);
}

function isWithin(hour: number, { from, to }: { from: number; to: number }): boolean {
  return from < to ? hour >= from && hour < to : hour >= from || hour < to;
}
