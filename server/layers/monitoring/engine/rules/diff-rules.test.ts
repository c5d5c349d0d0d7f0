import { describe, expect, it } from "vitest";
import type { DetectionRule, RuleSet } from "../../rules-schema.ts";
import { BUILT_IN_RULES } from "./built-in-rules.ts";
import { diffRules } from "./diff-rules.ts";

const base: RuleSet = { version: 1, rules: [...BUILT_IN_RULES] };
const [first] = BUILT_IN_RULES as [DetectionRule];
const withFirst = (part: Partial<DetectionRule>): RuleSet => ({
  version: 2,
  rules: base.rules.map((rule) => (rule.id === first.id ? { ...rule, ...part } : rule)),
});
const change = (part: Partial<DetectionRule>) => diffRules(base, withFirst(part));

describe("in what two versions of the rules differ", () => {
  it("nothing, where they say the same", () => {
    expect(diffRules(base, { ...base, version: 2 })).toEqual([]);
  });

  it("what cannot be shown to be harmless counts as loosening: a condition, what it does, whom it holds for, how grave it is", () => {
    const condition = { ...first.condition, above: 1 } as DetectionRule["condition"];
    for (const part of [
      { condition },
      { does: "limit" as const },
      { agents: { zones: ["a"] } },
      { severity: "critical" as const },
      { enabled: false },
      { enabled: true, title: "Other words", condition },
    ])
      expect(change(part)).toMatchObject([{ rule: first.id, loosens: true }]);
  });

  it("words, tags and examples change no decision", () => {
    for (const part of [{ title: "Other words" }, { tags: { atlas: [], owasp: [] } }, { examples: [] }])
      expect(change(part)).toMatchObject([{ how: "changed", loosens: false }]);
  });

  it("switching off is told as such, and switching on does not loosen", () => {
    expect(change({ enabled: false })).toMatchObject([{ how: "switched-off", said: ["On: yes → no"] }]);
    expect(diffRules(withFirst({ enabled: false }), base)).toMatchObject([
      { how: "switched-on", loosens: false },
    ]);
  });

  it("a rule that goes loosens, a new one does not, and both are said in words of their document", () => {
    const without = { version: 2, rules: base.rules.slice(1) };
    const [gone] = diffRules(base, without);
    expect(gone).toMatchObject({ how: "removed", loosens: true, after: null });
    expect(gone?.said[0]).toContain("More than 1,000 actions within a minute");
    expect(diffRules(without, base)).toMatchObject([{ how: "added", loosens: false, before: null }]);
  });
});
