import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Effect, PolicyChange } from "#server/layers/authorization/change-schema.ts";
import { DEFAULT_POLICY } from "#server/layers/authorization/default-policy.ts";
import { scopePolicy } from "#server/layers/authorization/policy-schema.ts";
import { whoDecides } from "#server/layers/authorization/words-schema.ts";
import { lineOfPath } from "./json-lines.ts";
import { draftOf, intoGroup, newScope, readDraft, replaced, textOf } from "./policy-draft.ts";
import { changesInOrder, countEffects, dryRunWords } from "./policy-words.ts";

const draft = draftOf(DEFAULT_POLICY);
const edited = (text: string) => readDraft({ ...draft, text });
const problemOf = (text: string) => edited(text).problems[0];
const lineWith = (text: string, words: string) =>
  text.split("\n").findIndex((line) => line.includes(words)) + 1;

describe("a draft", () => {
  it("begins as the policy that counts, valid and without its number", () => {
    const { document, form, problems } = readDraft(draft);
    expect(problems).toEqual([]);
    expect(document).not.toHaveProperty("version");
    expect(form?.scopes).toHaveLength(DEFAULT_POLICY.scopes.length);
    expect(scopePolicy.parse({ ...document, version: 1 })).toEqual(DEFAULT_POLICY);
  });

  it("that is no JSON says so at its line and keeps the text", () => {
    const text = draft.text.replace('"reaskAfterSeconds": 3600,', '"reaskAfterSeconds": 3600');
    expect(problemOf(text)?.message).toContain("not JSON");
    expect(edited(text)).toMatchObject({ document: null, form: null });
    expect(problemOf("[]")).toMatchObject({ line: 1 });
  });

  it("with a wrong value says where, at its line", () => {
    const text = draft.text.replace('"risk": "MEDIUM"', '"risk": "SOME"');
    expect(problemOf(text)).toMatchObject({ line: lineWith(text, '"SOME"') });
    expect(problemOf(text)?.message).toContain("scopes.3.risk");
  });

  it("that breaks a rule across places leads to the scope which the rule names", () => {
    const text = draft.text.replace('"payments.*"', '"transactions.*"');
    const problem = problemOf(text);
    expect(problem?.message).toContain("transactions.*");
    expect(problem?.line).toBe(lineWith(text, '"transactions.*"'));
  });

  it("may be half typed in the form: an empty title is a problem, not a lost form", () => {
    const text = draft.text.replace('"Move money"', '""');
    expect(edited(text).form).not.toBeNull();
    expect(edited(text).problems).toHaveLength(1);
  });

  it("whose parts are of another kind is shown as JSON alone", () => {
    expect(edited(draft.text.replace('"clientAuth": [', '"clientAuth": 1, "other": [')).form).toBeNull();
  });
});

describe("a scope", () => {
  it("that is new is valid as it comes, but for its title, and guarded by two people", () => {
    const { form } = readDraft(draft);
    const scopes = [...(form?.scopes ?? []), { ...newScope([]), title: "New" }];
    expect(edited(textOf({ ...form, scopes })).problems).toEqual([]);
    expect(newScope(["new:scope"]).scope).toBe("new:scope-2");
  });

  it("changes groups with what each group must have", () => {
    const { form } = readDraft(draft);
    for (const [at, scope] of (form?.scopes ?? []).entries())
      for (const group of ["base", "elevated", "time-bound"] as const) {
        const scopes = replaced(form?.scopes ?? [], at, intoGroup(scope, group));
        expect(edited(textOf({ ...form, scopes })).problems, `${scope.scope} ${group}`).toEqual([]);
      }
  });
});

it("the line of a path is where its value stands, in any JSON however it is laid out", () => {
  const text = '{\n  "a": [1,\n {"b\\"": "}",\n "c": [[], {}, "x"]}],\n "d": null }';
  expect(lineOfPath(text, ["a", 0])).toBe(2);
  expect(lineOfPath(text, ["a", 1, 'b"'])).toBe(3);
  expect(lineOfPath(text, ["a", 1, "c", 2])).toBe(4);
  expect(lineOfPath(text, ["d"])).toBe(5);
  expect(lineOfPath(text, ["a", 1, "none"])).toBe(3);
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
      const laid = JSON.stringify(value, null, 1);
      for (const key of Object.keys(value)) {
        const line = laid.split("\n")[lineOfPath(laid, [key]) - 1] ?? "";
        expect(line.trimStart().startsWith(JSON.stringify(key))).toBe(true);
      }
    }),
  );
});

describe("words", () => {
  const change = (effect: Effect): PolicyChange => ({
    ...{ path: effect, said: effect, before: 0, after: 1, effect, rule: "", account: null },
  });

  it("put what loosens first, and count each way", () => {
    const changes = (["neutral", "tightens", "loosens", "tightens"] as const).map(change);
    expect(changesInOrder(changes).map(({ effect }) => effect)).toEqual([
      ...["loosens", "tightens", "tightens", "neutral"],
    ]);
    expect(countEffects(changes)).toEqual([
      ["loosens", 1],
      ["tightens", 2],
      ["neutral", 1],
    ]);
  });

  it("say who decides, in order", () => {
    const groups = [{ name: "risk", title: "Risk officers", members: [] }];
    const steps = [
      { title: "One", needs: [{ from: "approvers", votes: 2 }] },
      { title: "Two", needs: [{ from: "risk", votes: 1 }] },
    ];
    expect(whoDecides(steps, groups)).toBe("2 approvers, then 1 of Risk officers");
    expect(whoDecides([], groups)).toContain("nobody");
  });

  it("say of a dry-run what would be otherwise and what cannot be told", () => {
    const tally = { read: 10, refused: 2, allowed: 0, otherScope: 0, unknown: 1 };
    const none = { read: 0, refused: 0, allowed: 0, otherScope: 0, unknown: 0 };
    const at = new Date("2026-11-23T12:00:00Z");
    const told = dryRunWords({
      ...{ from: at, to: at, recordsRead: 10, recordsMax: 10, cut: null, lines: [], beyondLines: 0 },
      ...{ tokens: tally, approvals: none, actions: { ...none, read: 3 }, shorterTokens: 1 },
    });
    expect(told[0]).toBe(
      "Of 10 scopes in tokens: 2 would be refused, 1 cannot be told, because what they hang on was not recorded.",
    );
    expect(told[1]).toBe("No request for an approval was recorded.");
    expect(told[2]).toContain("all would be decided alike");
    expect(told[3]).toBe("1 token would have ended sooner.");
  });
});
