import { canonicalJson, type Json } from "../../../../kernel/canonical.ts";
import type { RuleChange } from "../../rule-change-schema.ts";
import { agentWords, doesWords, ruleWords } from "../../rule-words-schema.ts";
import type { DetectionRule, RuleSet } from "../../rules-schema.ts";

/** In what two versions differ, rule by rule, in the order of the newer one. */
export function diffRules(before: RuleSet, after: RuleSet): RuleChange[] {
  const old = new Map(before.rules.map((rule) => [rule.id, rule]));
  const kept = new Set(after.rules.map(({ id }) => id));
  return [
    ...after.rules.flatMap((rule) => changeOf(old.get(rule.id) ?? null, rule)),
    ...before.rules
      .filter(({ id }) => !kept.has(id))
      .map<RuleChange>((rule) => ({
        ...{ rule: rule.id, how: "removed", loosens: true, before: rule, after: null },
        said: [`${rule.title} is removed. It looked for: ${ruleWords(rule)}`],
      })),
  ];
}

function changeOf(before: DetectionRule | null, after: DetectionRule): RuleChange[] {
  if (before === null)
    return [
      {
        ...{ rule: after.id, how: "added", loosens: false, before, after },
        said: [`${after.title} is new: ${ruleWords(after)} ${doesWords(after)}`],
      },
    ];
  if (same(before, after)) return [];
  const said = partsThatDiffer(before, after);
  const onlySwitch = same({ ...before, enabled: after.enabled }, after);
  const how = !onlySwitch ? "changed" : after.enabled ? "switched-on" : "switched-off";
  // What cannot be shown to tighten counts as loosening: of two conditions nobody can say which finds more.
  const harmless = same({ ...before, ...words(after) }, after) || how === "switched-on";
  return [{ rule: after.id, how, loosens: !harmless, said, before, after }];
}

/** Parts that change no decision. */
function words({ title, description, falsePositives, tags, examples }: DetectionRule) {
  return { title, description, falsePositives, tags, examples };
}

function partsThatDiffer(before: DetectionRule, after: DetectionRule): string[] {
  const said: string[] = [];
  const compare = (what: string, was: string, is: string) => {
    if (was !== is) said.push(`${what}: ${was} → ${is}`);
  };
  compare("On", before.enabled ? "yes" : "no", after.enabled ? "yes" : "no");
  compare("Looks for", ruleWords(before), ruleWords(after));
  compare("Agents", agentWords(before), agentWords(after));
  compare("Does", doesWords(before), doesWords(after));
  compare("Severity", before.severity, after.severity);
  compare("Title", before.title, after.title);
  for (const [what, key] of [
    ["Description", "description"],
    ["Advice on false positives", "falsePositives"],
    ["Tags", "tags"],
    ["Examples", "examples"],
  ] as const)
    if (!same(before[key], after[key])) said.push(`${what} changed.`);
  return said;
}

function same(one: unknown, other: unknown): boolean {
  return canonicalJson(plain(one)) === canonicalJson(plain(other));
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as Json;
