import type { DryRunLine, Tally } from "../dryrun-schema.ts";
import type { GrantLimits } from "../limits-schema.ts";
import type { ScopePolicy } from "../policy-schema.ts";
import { decideSteps } from "./approval-escalation.ts";
import { checkAskedLimits } from "./check-asked-limits.ts";
import { decideScopes, type GrantFacts } from "./decide-scopes.ts";
import { scopeForAction } from "./scope-for-action.ts";
import { votesMeetSteps } from "./votes-meet-steps.ts";

type Agent = DryRunLine["agent"];
type Said = { id: string; at: Date; agent: Agent };

/** A token that was asked for, as its record and its grants tell of it. */
export type TokenFact = Said & {
  granted: { scope: string; grants: readonly GrantFacts[] }[];
  refused: { scope: string; rule: string }[];
  /** Trust then; null where it was neither needed nor kept. */
  trust: number | null;
  /** How long the token lived, seconds; null where none was given. */
  lifeSeconds: number | null;
};

/** A request for an approval, with those whose approval counted. */
export type ApprovalFact = Said & {
  scope: string;
  durationSeconds: number;
  limits: GrantLimits | null;
  status: string;
  approvedBy: readonly string[];
};

/** What one signed request reported. */
export type ActionsFact = Said & {
  /** The version that judged it then; null where it is not known. */
  policy: ScopePolicy | null;
  actions: Readonly<Record<string, number>>;
  /** What its token carried; null where the token is not known. */
  scopes: readonly string[] | null;
};

/** Lines that are kept apart; a flood of invented names takes no more memory than this. */
const KEPT_MAX = 5_000;

export type DryRun = {
  policy: ScopePolicy;
  tokens: Tally;
  approvals: Tally;
  actions: Tally;
  shorterTokens: number;
  lines: Map<string, DryRunLine>;
  beyond: number;
};

const noTally = (): Tally => ({ read: 0, refused: 0, allowed: 0, otherScope: 0, unknown: 0 });

/** A dry-run of this policy that has seen nothing yet. */
export function startDryRun(policy: ScopePolicy): DryRun {
  const tallies = { tokens: noTally(), approvals: noTally(), actions: noTally() };
  return { policy, ...tallies, shorterTokens: 0, lines: new Map(), beyond: 0 };
}

/** Judges a token's scopes anew: each by its own grants, with the trust of then. */
export function judgeToken(run: DryRun, fact: TokenFact): void {
  const { policy, tokens } = run;
  if (fact.lifeSeconds !== null && fact.lifeSeconds > policy.tokenSecondsMax) run.shorterTokens++;
  for (const { scope, grants } of fact.granted) {
    tokens.read++;
    const rule = policy.scopes.find((it) => it.scope === scope);
    const agent = { kind: "agent", status: "active", banned: false };
    const facts = { policy, agent, above: [], requested: [scope], grants, trust: fact.trust, now: fact.at };
    const [refusal] = decideScopes(facts).refused;
    if (!refusal) continue;
    if (rule?.risk === "MEDIUM" && fact.trust === null && refusal.rule === "trust_too_low") tokens.unknown++;
    else
      note(run, "token", fact, {
        ...{ what: scope, was: "granted", would: refusal.reason, outcome: "refused", rule: refusal.rule },
      });
  }
  for (const { scope, rule: refusedBy } of fact.refused) {
    tokens.read++;
    const rule = policy.scopes.find((it) => it.scope === scope);
    if (refusedBy !== "trust_too_low" || !rule) continue;
    // The grant was there, and trust alone stood against it.
    if (rule.risk === "MEDIUM" && !(fact.trust !== null && fact.trust > policy.mediumTrustAbove)) continue;
    const would =
      rule.risk === "MEDIUM" ? "granted: the trust is enough" : `granted: ${rule.risk} asks for no trust`;
    note(run, "token", fact, {
      ...{ what: scope, was: "refused: trust_too_low", would, outcome: "allowed", rule: "trust_enough" },
    });
  }
}

/** Judges a request for an approval anew: whether it could be asked, and whether those who approved were enough. */
export function judgeApproval(run: DryRun, fact: ApprovalFact): void {
  run.approvals.read++;
  const found = otherwise(run.policy, fact);
  if (found) note(run, "approval", fact, { what: fact.scope, was: fact.status, ...found });
}

type Otherwise = Pick<DryRunLine, "would" | "outcome" | "rule">;

function otherwise(policy: ScopePolicy, fact: ApprovalFact): Otherwise | null {
  const rule = policy.scopes.find(({ scope }) => scope === fact.scope);
  const refused = (name: string, would: string): Otherwise => ({ outcome: "refused", rule: name, would });
  const approved = fact.status === "approved";
  if (!rule) return refused("scope_unknown", "could not be asked for: the scope is gone");
  if (rule.secondsMax === null) {
    const would = "not asked for: the scope is granted with the registration";
    return { outcome: approved ? "refused" : "allowed", rule: "scope_is_standing", would };
  }
  if (fact.durationSeconds > rule.secondsMax)
    return refused("duration_too_long", `refused: at most ${rule.secondsMax} s are given at a time`);
  const wrong = checkAskedLimits(rule, fact.limits);
  if (wrong) return refused(wrong.code, `refused: ${wrong.message}`);
  // What else the agent had then is not told here, so that an escalation is judged by the request alone.
  const { steps } = decideSteps(rule, fact.limits, { others: [] });
  const enough = votesMeetSteps(fact.approvedBy, steps, policy.approverGroups);
  if (approved && !enough)
    return refused(
      "votes_missing",
      "still waiting: those who approved are not enough, or not of the right group",
    );
  const undecided = fact.status === "pending" || fact.status === "expired";
  if (undecided && enough)
    return { outcome: "allowed", rule: "votes_enough", would: "approved by the votes it got" };
  return null;
}

/** Judges reported actions anew by which scope each needs. */
export function judgeActions(run: DryRun, fact: ActionsFact): void {
  for (const [action, count] of Object.entries(fact.actions)) {
    run.actions.read += count;
    if (!fact.scopes || !fact.policy) {
      run.actions.unknown += count;
      continue;
    }
    const was = scopeForAction(fact.policy, action);
    const would = scopeForAction(run.policy, action);
    if (was === would) continue;
    const [allowed, stays] = [covered(fact.scopes, was), covered(fact.scopes, would)];
    if (!allowed && !stays) continue;
    const outcome = allowed && stays ? "other-scope" : stays ? "allowed" : "refused";
    const rule = would === null ? "action_unmapped" : stays ? "covered_by_scope" : "insufficient_scope";
    note(run, "action", fact, { what: action, was: named(was), would: named(would), outcome, rule }, count);
  }
}

function covered(scopes: readonly string[], scope: string | null): boolean {
  return scope !== null && scopes.includes(scope);
}

function named(scope: string | null): string {
  return scope === null ? "no scope" : scope;
}

/** The lines of a dry-run: what would be refused first, then the most frequent. */
export function linesOf(run: DryRun, max: number): { lines: DryRunLine[]; beyondLines: number } {
  const order: readonly string[] = ["refused", "allowed", "other-scope"];
  const all = [...run.lines.values()].sort(
    (a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || b.count - a.count,
  );
  const beyond = all.slice(max).reduce((sum, { count }) => sum + count, run.beyond);
  return { lines: all.slice(0, max), beyondLines: beyond };
}

function note(
  run: DryRun,
  kind: DryRunLine["kind"],
  { id, at, agent }: Said,
  said: Pick<DryRunLine, "what" | "was" | "would" | "outcome" | "rule">,
  count = 1,
): void {
  const tally = { token: run.tokens, approval: run.approvals, action: run.actions }[kind];
  tally[said.outcome === "other-scope" ? "otherScope" : said.outcome] += count;
  const key = JSON.stringify([kind, agent.id, said.what, said.was, said.rule, said.outcome]);
  const line = run.lines.get(key);
  if (line) {
    line.count += count;
    if (at < line.firstAt) line.firstAt = at;
    if (at > line.lastAt) line.lastAt = at;
  } else if (run.lines.size < KEPT_MAX)
    run.lines.set(key, { kind, agent, ...said, count, firstAt: at, lastAt: at, exampleId: id });
  else run.beyond += count;
}
