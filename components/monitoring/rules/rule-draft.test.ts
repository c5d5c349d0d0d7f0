import { describe, expect, it } from "vitest";
import { RULE_KINDS } from "#server/layers/monitoring/rules-schema.ts";
import { CONDITIONS, NEW_RULE, readRuleDraft, ruleText } from "./rule-draft.ts";

describe("a draft of a rule", () => {
  it("begins as a rule that could be proposed", () => {
    const { problems, rule, form } = readRuleDraft(ruleText(NEW_RULE));
    expect(problems).toEqual([]);
    expect(rule).toMatchObject({ id: "new-rule" });
    expect(form?.condition.kind).toBe("rate");
  });

  it("that is no JSON is neither sent nor lost: the text is the truth", () => {
    expect(readRuleDraft("{")).toMatchObject({ form: null, rule: null, problems: [{ line: null }] });
  });

  it("names what is wrong with its line, and the form still shows it", () => {
    const text = ruleText({ ...NEW_RULE, title: "" });
    const { problems, rule, form } = readRuleDraft(text);
    expect(rule).toBeNull();
    expect(form?.title).toBe("");
    expect(problems[0]?.message).toContain("title");
    expect(text.split("\n")[(problems[0]?.line ?? 0) - 1]).toContain('"title"');
  });

  it("whose parts are of another kind is left to the JSON view", () => {
    expect(readRuleDraft(ruleText({ ...NEW_RULE, tags: 7 })).form).toBeNull();
  });

  it("has a beginning for every kind of condition", () => {
    expect(Object.keys(CONDITIONS).sort()).toEqual([...RULE_KINDS].sort());
  });
});
