import type { Check } from "../../../kernel/decision.ts";
import { type PersonFacts, samePerson } from "../../../kernel/same-person.ts";
import { ALL_APPROVERS, type ApprovalStep, type ScopePolicy, type ScopeRule } from "../policy-schema.ts";

/** An approving vote, or somebody who may cast one, with the groups that they are in now. */
export type StepVote = { person: PersonFacts; groups: readonly string[] };

export type StepFacts = {
  /** In the order in which they open. */
  steps: readonly ApprovalStep[];
  /** Approving votes for this request, in the order in which they were cast. */
  votes: readonly StepVote[];
  /** Who never counts: who asked and who owns the agent. While one of them is `unknown`, nobody counts. */
  excluded: readonly (PersonFacts | "unknown")[];
  /** Titles of the approver groups, by name. */
  titles: Readonly<Record<string, string>>;
};

/** `castBy`: ids of the accounts whose votes fill the need. */
export type NeedState = { from: string; title: string; votes: number; castBy: string[] };
export type StepState = { title: string; needs: NeedState[]; state: "done" | "open" | "later" };
export type StepsVerdict = {
  steps: StepState[];
  /** Every need of every step is filled, and there is at least one. */
  enough: boolean;
  /** Ids of the accounts whose votes fill a need. */
  counted: string[];
};

type Needs = ApprovalStep["needs"];

/** How many people must approve in all. */
export function votesOf(steps: readonly ApprovalStep[]): number {
  return steps.reduce((sum, step) => sum + seatsOf(step), 0);
}

/**
 * Who decides a request: the steps of its scope's rule, or those of the rule's escalation where it needs more people
 * than the rule itself asks for. Nobody where there is no such rule.
 */
export function decidingSteps(
  rule: Pick<ScopeRule, "steps" | "amounts"> | undefined,
  { votesNeeded }: { votesNeeded: number },
): readonly ApprovalStep[] {
  const steps = rule?.steps ?? [];
  const escalation = rule?.amounts?.escalation?.steps;
  return escalation && votesNeeded > votesOf(steps) ? escalation : steps;
}

/** The groups an account is in now; none where they do not hold the role approver or are disabled. */
export function groupsOf(policy: ScopePolicy, userId: string, holdsRole: boolean): string[] {
  if (!holdsRole) return [];
  const listed = policy.approverGroups.filter(({ members }) => members.includes(userId));
  return [ALL_APPROVERS, ...listed.map(({ name }) => name)];
}

/** What each group is called on the screens. */
export function groupTitles(policy: ScopePolicy): Record<string, string> {
  return Object.fromEntries([
    [ALL_APPROVERS, "Any approver"],
    ...policy.approverGroups.map(({ name, title }) => [name, title] as const),
  ]);
}

/**
 * Which needs the votes fill. A vote counts for the step that was open when it was cast, and one person for one
 * need alone: who fills which is an assignment found by augmenting paths, so that nobody in two groups blocks a
 * need that only they, or only another, could fill.
 */
export function judgeSteps({ steps, votes, excluded, titles }: StepFacts): StepsVerdict {
  const filled: StepVote[][] = steps.map(() => []);
  let open = 0;
  for (const vote of countable(votes, excluded)) {
    const step = steps[open];
    const taken = filled[open];
    if (!step || !taken) break;
    if (!assign(step.needs, [...taken, vote])) continue;
    taken.push(vote);
    if (taken.length === seatsOf(step)) open += 1;
  }
  return {
    steps: steps.map((step, i) => ({
      title: step.title,
      needs: needStates(step.needs, filled[i] ?? [], titles),
      state: i < open ? "done" : i === open ? "open" : "later",
    })),
    enough: steps.length > 0 && open === steps.length,
    counted: filled.flat().map(({ person }) => person.id),
  };
}

/**
 * Whether this person could fill a need that is open now: `step-open`, or why not, as `step-not-open` with whose
 * turn it is, or `in-group` where no step asks a group they are in.
 */
export function mayFillStep(facts: StepFacts, voter: StepVote): Check {
  const asked = facts.steps.flatMap(({ needs }) => needs.map(({ from }) => from));
  if (!asked.some((from) => voter.groups.includes(from)))
    return {
      id: "in-group",
      passed: false,
      detail: `Only members of ${named([...new Set(asked)], facts.titles)} decide this.`,
    };
  const before = judgeSteps(facts);
  const after = judgeSteps({ ...facts, votes: [...facts.votes, voter] });
  if (after.counted.length > before.counted.length)
    return { id: "step-open", passed: true, detail: "You can fill a need that is open." };
  return { id: "step-not-open", passed: false, detail: whoseTurn(before) };
}

/** Which step is open, and who is still asked for in it. */
export function whoseTurn({ steps }: StepsVerdict): string {
  const open = steps.find(({ state }) => state === "open");
  if (!open) return "Every step is decided.";
  const missing = open.needs
    .filter(({ votes, castBy }) => castBy.length < votes)
    .map(({ title, votes, castBy }) => `${votes - castBy.length} of ${title}`);
  return `It is the turn of “${open.title}”, where ${missing.join(" and ")} must still approve.`;
}

/** Votes of people who may count, each person's first. */
function countable(votes: readonly StepVote[], excluded: StepFacts["excluded"]): StepVote[] {
  if (excluded.includes("unknown")) return [];
  const counted: StepVote[] = [];
  for (const vote of votes) {
    const isVoter = (other: PersonFacts | "unknown") => other !== "unknown" && samePerson(other, vote.person);
    if (excluded.some(isVoter) || counted.some(({ person }) => isVoter(person))) continue;
    counted.push(vote);
  }
  return counted;
}

/** A need's index for each voter, no need beyond its votes; null where there is no such assignment. */
function assign(needs: Needs, voters: readonly StepVote[]): number[] | null {
  const seats = needs.flatMap(({ from, votes }, need) =>
    Array.from({ length: votes }, () => ({ from, need })),
  );
  const sits: (number | undefined)[] = seats.map(() => undefined);
  const place = (voter: number, tried: Set<number>): boolean =>
    seats.some(({ from }, seat) => {
      if (tried.has(seat) || !voters[voter]?.groups.includes(from)) return false;
      tried.add(seat);
      const other = sits[seat];
      if (other !== undefined && !place(other, tried)) return false;
      sits[seat] = voter;
      return true;
    });
  if (!voters.every((_, voter) => place(voter, new Set()))) return null;
  return voters.map((_, voter) => seats[sits.indexOf(voter)]?.need ?? -1);
}

function needStates(needs: Needs, voters: readonly StepVote[], titles: StepFacts["titles"]): NeedState[] {
  const seated = assign(needs, voters) ?? [];
  return needs.map(({ from, votes }, need) => ({
    from,
    title: titles[from] ?? from,
    votes,
    castBy: voters.filter((_, i) => seated[i] === need).map(({ person }) => person.id),
  }));
}

function seatsOf({ needs }: ApprovalStep): number {
  return needs.reduce((sum, { votes }) => sum + votes, 0);
}

function named(groups: readonly string[], titles: StepFacts["titles"]): string {
  return groups.map((name) => titles[name] ?? name).join(", ") || "no group";
}
