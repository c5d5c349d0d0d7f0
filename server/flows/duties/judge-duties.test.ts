import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type DutyAct,
  PAIR_ACTS_MAX,
  type Party,
  ROLE_DAYS,
} from "../../layers/authorization/duties-schema.ts";
import { type DutyFacts, judgeDuties } from "./judge-duties.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const days = (n: number) => new Date(NOW.getTime() + n * 86_400_000);
const person = (id: string): Party => ({ id, name: id.toUpperCase(), kind: "person" });
const AGENT: Party = { id: "did:agent", name: "agent", kind: "agent" };
let made = 0;
const act = (over: Partial<DutyAct> = {}): DutyAct => ({
  ...{
    key: `act-${made++}`,
    kind: "grant",
    at: days(-1),
    what: "payments:execute for x",
    outcome: "approved",
  },
  ...{ asked: person("a"), decided: [person("b")], owners: [person("o")], href: null },
  ...over,
});
const judge = (acts: DutyAct[], over: Partial<DutyFacts> = {}) =>
  judgeDuties({ acts, reviews: new Map(), roleGifts: [], emails: new Map(), now: NOW, ...over });
const rules = (acts: DutyAct[], over: Partial<DutyFacts> = {}) => judge(acts, over).map(({ rule }) => rule);

it("an act that one asked for and another decided is no finding", () => {
  expect(rules([act(), act({ asked: AGENT }), act({ decided: [person("b"), person("c")] })])).toEqual([]);
});

describe("a finding is", () => {
  it("whoever asked and decided, under any of their accounts", () => {
    expect(rules([act({ decided: [person("b"), person("a")] })])).toEqual(["asker-decided"]);
    const emails = new Map([
      ["a", "ann@bank.example"],
      ["a2", "ANN+2@bank.example"],
    ]);
    const twin = act({ decided: [person("a2")] });
    expect(judge([twin], { emails })).toMatchObject([
      {
        rule: "asker-decided",
        severity: "critical",
        acts: [twin.key],
        text: expect.stringContaining("A2 asked"),
      },
    ]);
    expect(rules([twin])).toEqual([]);
  });

  it("an owner who decided", () => {
    expect(rules([act({ decided: [person("o")] })])).toEqual(["owner-decided"]);
  });

  it("an act that nobody else decided, unless Vigil's own set-up did it", () => {
    expect(rules([act({ kind: "policy", decided: [] })])).toEqual(["decided-alone"]);
    expect(rules([act({ kind: "release", asked: null, decided: [] })])).toEqual(["decided-alone"]);
    const setUp: Party = { id: "set-up", name: "set-up", kind: "system" };
    expect(rules([act({ kind: "policy", asked: setUp, decided: [] })])).toEqual([]);
  });

  it("a party that cannot be found", () => {
    expect(rules([act({ decided: [{ id: "gone", name: "gone", kind: "unknown" }] })])).toEqual([
      "party-unknown",
    ]);
  });

  it("a role that one party had from another, within the time before the act", () => {
    const gift = (over: object) => ({
      roleGifts: [{ at: days(-2), by: "a", to: "b", roles: ["approver"], ...over }],
    });
    expect(rules([act()], gift({}))).toEqual(["role-from-party"]);
    expect(rules([act()], gift({ by: "b", to: "a" }))).toEqual(["role-from-party"]);
    expect(rules([act()], gift({ at: days(-1 - ROLE_DAYS) }))).toEqual(["role-from-party"]);
    for (const over of [
      { at: days(-1) },
      { at: days(0) },
      { at: days(-1.01 - ROLE_DAYS) },
      { by: "z" },
      { to: "z" },
    ])
      expect(rules([act()], gift(over)), JSON.stringify(over)).toEqual([]);
  });

  it("every use of break-glass, and what is wrong with its review", () => {
    const use = act({ kind: "break-glass", decided: [] });
    const reviewed = (dueAt: Date, reviewedAt: Date | null, verdict: string | null = null) =>
      rules([use], { reviews: new Map([[use.key, { dueAt, reviewedAt, verdict }]]) });
    expect(reviewed(days(1), null)).toEqual(["break-glass-used"]);
    expect(reviewed(NOW, null)).toEqual(["break-glass-used", "break-glass-unreviewed"]);
    expect(reviewed(days(-1), days(-2), "justified")).toEqual(["break-glass-used"]);
    expect(reviewed(days(-2), days(-1), "not-justified")).toEqual([
      ...["break-glass-used", "break-glass-reviewed-late", "break-glass-not-justified"],
    ]);
  });

  it("whoever broke glass and reviewed it", () => {
    const use = act({ kind: "break-glass", decided: [person("a")] });
    expect(rules([use])).toEqual(["asker-decided"]);
  });

  it("two people who decide for each other more often than allowed, whichever account they use", () => {
    const one = Array.from({ length: PAIR_ACTS_MAX }, () => act());
    const back = act({ asked: person("b"), decided: [person("a")] });
    expect(rules([...one, act()])).toEqual([]);
    expect(rules([...one.slice(1), back])).toEqual([]);
    expect(judge([...one, back])).toMatchObject([
      { rule: "deciding-for-each-other", acts: [...one, back].map(({ key }) => key) },
    ]);
    const emails = new Map([
      ["a", "ann@bank.example"],
      ["a2", "ann+2@bank.example"],
    ]);
    const byTwin = act({ asked: person("b"), decided: [person("a2")] });
    expect(rules([...one, byTwin], { emails })).toEqual(["deciding-for-each-other"]);
  });
});

it("reports nothing that is not so, and everything that is: compared with the words of the rule", () => {
  const ids = fc.constantFrom("a", "b", "c");
  fc.assert(
    fc.property(
      fc.array(fc.record({ asked: ids, decided: fc.uniqueArray(ids, { minLength: 1 }) })),
      (given) => {
        const acts = given.map(({ asked, decided }) =>
          act({ asked: person(asked), decided: decided.map(person) }),
        );
        const expected = acts.filter((one) => one.decided.some(({ id }) => id === one.asked?.id));
        const found = judge(acts).filter(({ rule }) => rule === "asker-decided");
        expect(found.flatMap((one) => one.acts).sort()).toEqual(expected.map(({ key }) => key).sort());
      },
    ),
  );
});

it("the newest finding comes first", () => {
  const [old, recent] = [act({ at: days(-9), decided: [] }), act({ at: days(-2), decided: [] })];
  expect(judge([old, recent]).map(({ acts }) => acts[0])).toEqual([recent.key, old.key]);
});
