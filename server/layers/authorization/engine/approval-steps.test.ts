import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../default-policy.ts";
import type { ApprovalStep } from "../policy-schema.ts";
import {
  decidingSteps,
  groupsOf,
  groupTitles,
  judgeSteps,
  mayFillStep,
  type StepFacts,
  type StepVote,
  votesOf,
  whoseTurn,
} from "./approval-steps.ts";

const person = (id: string, email = `${id}@bank.example`) => ({ id, email });
const by = (id: string, ...groups: string[]): StepVote => ({ person: person(id), groups });
const step = (title: string, ...needs: [string, number][]): ApprovalStep => ({
  title,
  needs: needs.map(([from, votes]) => ({ from, votes })),
});
const facts = (steps: ApprovalStep[], votes: StepVote[] = [], over: Partial<StepFacts> = {}): StepFacts => ({
  ...{
    steps,
    votes,
    excluded: [],
    titles: { risk: "Risk", treasury: "Treasury", approvers: "Any approver" },
  },
  ...over,
});
const castBy = (steps: ApprovalStep[], votes: StepVote[]) =>
  judgeSteps(facts(steps, votes)).steps.map(({ needs }) => needs.map((need) => need.castBy));
const states = (given: StepFacts) => judgeSteps(given).steps.map(({ state }) => state);

const BOTH = step("Both", ["treasury", 1], ["risk", 1]);
const IN_ORDER = [step("Business", ["treasury", 1]), step("Risk", ["risk", 2])];

describe("a step", () => {
  it("with no vote is open, and those behind it are later", () => {
    expect(states(facts(IN_ORDER))).toEqual(["open", "later"]);
  });

  it("is done when each group it names has its votes, by different people", () => {
    expect(judgeSteps(facts([BOTH], [by("t", "treasury"), by("r", "risk")])).enough).toBe(true);
    expect(judgeSteps(facts([BOTH], [by("t", "treasury"), by("u", "treasury")])).enough).toBe(false);
    expect(judgeSteps(facts([BOTH], [by("b", "treasury", "risk")])).enough).toBe(false);
  });

  it("moves somebody in two groups to the need that nobody else can fill", () => {
    const votes = [by("b", "treasury", "risk"), by("t", "treasury")];
    expect(castBy([BOTH], votes)).toEqual([[["t"], ["b"]]]);
    expect(judgeSteps(facts([BOTH], votes)).enough).toBe(true);
  });

  it("that is closed keeps its votes: somebody of an earlier step is not moved to a later one", () => {
    const steps = [step("Business", ["treasury", 1]), step("Risk", ["risk", 1])];
    const verdict = judgeSteps(facts(steps, [by("b", "treasury", "risk"), by("t", "treasury")]));
    expect(verdict).toMatchObject({ enough: false, counted: ["b"] });
    expect(verdict.steps.map(({ state }) => state)).toEqual(["done", "open"]);
  });

  it("does not take a vote that was cast before it opened", () => {
    const early = [by("r", "risk"), by("t", "treasury"), by("s", "risk")];
    expect(judgeSteps(facts(IN_ORDER, early))).toMatchObject({ enough: false, counted: ["t", "s"] });
  });

  it("opens again when the one who decided it no longer counts, and what came after it counts no more", () => {
    const demoted = [{ ...by("t", "treasury"), groups: [] }, by("r", "risk"), by("s", "risk")];
    expect(states(facts(IN_ORDER, demoted))).toEqual(["open", "later"]);
    expect(judgeSteps(facts(IN_ORDER, demoted)).counted).toEqual([]);
  });
});

describe("nobody counts", () => {
  it("for a rule without steps: nothing needed is not everything given", () => {
    expect(judgeSteps(facts([], [by("a", "approvers")])).enough).toBe(false);
    expect(mayFillStep(facts([]), by("a", "approvers"))).toMatchObject({ id: "in-group", passed: false });
  });

  it("who asked or owns the agent, under any of their addresses", () => {
    for (const email of ["r@bank.example", "R+two@Bank.Example", "ｒ@bank.example"]) {
      const vote = { person: person("other-account", email), groups: ["treasury"] };
      const given = facts([step("One", ["treasury", 1])], [vote], { excluded: [person("r")] });
      expect(judgeSteps(given).enough, email).toBe(false);
    }
  });

  it("while who asked or who owns the agent is not known", () => {
    const given = facts([step("One", ["risk", 1])], [by("r", "risk")], { excluded: ["unknown"] });
    expect(judgeSteps(given)).toMatchObject({ enough: false, counted: [] });
    expect(mayFillStep({ ...given, votes: [] }, by("r", "risk")).passed).toBe(false);
  });

  it("with two accounts of one mailbox as two", () => {
    const two = [by("a", "risk"), { person: person("b", "A+x@bank.example"), groups: ["risk"] }];
    expect(judgeSteps(facts([step("Two", ["risk", 2])], two))).toMatchObject({
      enough: false,
      counted: ["a"],
    });
  });
});

describe("whether somebody may vote now", () => {
  it("is yes where they can fill an open need", () => {
    expect(mayFillStep(facts(IN_ORDER), by("t", "treasury"))).toMatchObject({
      id: "step-open",
      passed: true,
    });
  });

  it("is no for a later step, and says whose turn it is", () => {
    expect(mayFillStep(facts(IN_ORDER), by("r", "risk"))).toEqual({
      id: "step-not-open",
      passed: false,
      detail: "It is the turn of “Business”, where 1 of Treasury must still approve.",
    });
  });

  it("is no where their need is filled and another is open", () => {
    const given = facts([BOTH], [by("t", "treasury")]);
    expect(mayFillStep(given, by("u", "treasury"))).toMatchObject({
      id: "step-not-open",
      detail: "It is the turn of “Both”, where 1 of Risk must still approve.",
    });
  });

  it("is no for a group that no step asks", () => {
    expect(mayFillStep(facts(IN_ORDER), by("x", "approvers"))).toEqual({
      id: "in-group",
      passed: false,
      detail: "Only members of Treasury, Risk decide this.",
    });
  });

  it("is no once every step is decided", () => {
    const one = [step("One", ["risk", 1])];
    expect(mayFillStep(facts(one, [by("r", "risk")]), by("s", "risk")).detail).toBe("Every step is decided.");
    expect(whoseTurn(judgeSteps(facts(one, [by("r", "risk")])))).toBe("Every step is decided.");
  });
});

it("a request is decided by its rule's steps, and by those of its escalation where it needs more people", () => {
  const own = [step("One", ["approvers", 1])];
  const steps = [step("Two", ["approvers", 1], ["treasury", 1])];
  const amounts = { currency: "USD", max: "9", escalation: { above: "5", withinSeconds: 60, steps } };
  const rule = { steps: own, amounts };
  expect(decidingSteps(rule, { votesNeeded: 1 })).toBe(own);
  expect(decidingSteps(rule, { votesNeeded: 2 })).toBe(steps);
  expect(decidingSteps({ steps: own, amounts: null }, { votesNeeded: 2 })).toBe(own);
  expect(decidingSteps(undefined, { votesNeeded: 1 })).toEqual([]);
});

it("a group's member counts only while they hold the role", () => {
  const policy = { ...DEFAULT_POLICY, approverGroups: [{ name: "risk", title: "Risk", members: ["a"] }] };
  expect(groupsOf(policy, "a", true)).toEqual(["approvers", "risk"]);
  expect(groupsOf(policy, "b", true)).toEqual(["approvers"]);
  expect(groupsOf(policy, "a", false)).toEqual([]);
  expect(groupTitles(policy)).toEqual({ approvers: "Any approver", risk: "Risk" });
});

const GROUPS = ["a", "b", "c"];
const someStep = fc.record({
  title: fc.constant("Step"),
  needs: fc.array(fc.record({ from: fc.constantFrom(...GROUPS), votes: fc.integer({ min: 1, max: 2 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
});
const someVotes = fc
  .array(fc.subarray(GROUPS), { maxLength: 6 })
  .map((all) => all.map((groups, i) => by(`p${i}`, ...groups)));

/** The most seats that these people can fill, by trying every assignment. */
function mostFilled(seats: readonly string[], voters: readonly StepVote[]): number {
  const [voter, ...rest] = voters;
  if (!voter) return 0;
  const without = mostFilled(seats, rest);
  const seated = seats.flatMap((from, i) =>
    voter.groups.includes(from) ? [1 + mostFilled(seats.toSpliced(i, 1), rest)] : [],
  );
  return Math.max(without, ...seated);
}

describe("for any steps and votes", () => {
  it("one step fills exactly as many needs as the best of all assignments", () => {
    fc.assert(
      fc.property(someStep, someVotes, (one, votes) => {
        const seats = one.needs.flatMap(({ from, votes: n }) => Array.from({ length: n }, () => from));
        const verdict = judgeSteps(facts([one], votes));
        expect(verdict.counted).toHaveLength(mostFilled(seats, votes));
        expect(verdict.enough).toBe(mostFilled(seats, votes) === seats.length);
      }),
    );
  });

  it("nobody fills two needs, nor one of a group they are not in, and no need has more than it asks", () => {
    fc.assert(
      fc.property(fc.array(someStep, { maxLength: 3 }), someVotes, (steps, votes) => {
        const { steps: seen, counted, enough } = judgeSteps(facts(steps, votes));
        const cast = seen.flatMap(({ needs }) => needs.flatMap((need) => need.castBy));
        expect(new Set(cast).size).toBe(cast.length);
        expect([...cast].sort()).toEqual([...counted].sort());
        for (const need of seen.flatMap(({ needs }) => needs)) {
          expect(need.castBy.length).toBeLessThanOrEqual(need.votes);
          for (const id of need.castBy)
            expect(votes.find((vote) => vote.person.id === id)?.groups).toContain(need.from);
        }
        expect(enough).toBe(steps.length > 0 && counted.length === votesOf(steps));
      }),
    );
  });

  it("the order of votes within a step does not matter", () => {
    fc.assert(
      fc.property(someStep, someVotes, fc.nat(), (one, votes, seed) => {
        const order = votes.map((vote, i) => ({ vote, at: ((i + 1) * (seed + 7919)) % 104_729 }));
        const shuffled = order.sort((a, b) => a.at - b.at).map(({ vote }) => vote);
        const counted = (given: StepVote[]) => judgeSteps(facts([one], given)).counted.length;
        expect(counted(shuffled)).toBe(counted(votes));
      }),
    );
  });

  it("taking a vote away never makes it enough", () => {
    fc.assert(
      fc.property(fc.array(someStep, { maxLength: 3 }), someVotes, fc.nat(5), (steps, votes, gone) => {
        const fewer = judgeSteps(facts(steps, votes.toSpliced(gone, 1)));
        if (fewer.enough) expect(judgeSteps(facts(steps, votes)).enough).toBe(true);
      }),
    );
  });

  it("who is told that they may vote is counted, and who is told otherwise is not", () => {
    fc.assert(
      fc.property(
        fc.array(someStep, { maxLength: 3 }),
        someVotes,
        fc.subarray(GROUPS),
        (steps, votes, groups) => {
          const voter = by("new", ...groups);
          const { passed } = mayFillStep(facts(steps, votes), voter);
          expect(judgeSteps(facts(steps, [...votes, voter])).counted.includes("new")).toBe(passed);
        },
      ),
    );
  });
});
