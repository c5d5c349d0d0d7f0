import { type PersonFacts, samePerson } from "../../kernel/same-person.ts";
import {
  type DutyAct,
  type DutyFinding,
  type DutyRule,
  PAIR_ACTS_MAX,
  type Party,
  ROLE_DAYS,
} from "../../layers/authorization/duties-schema.ts";

/** What became of the review of a use of break-glass. */
export type GlassReview = { dueAt: Date; reviewedAt: Date | null; verdict: string | null };
/** Somebody gave somebody a role, or made their account with it. */
export type RoleGift = { at: Date; by: string; to: string; roles: readonly string[] };

export type DutyFacts = {
  acts: readonly DutyAct[];
  /** By key of the act. */
  reviews: ReadonlyMap<string, GlassReview>;
  roleGifts: readonly RoleGift[];
  /** E-mail addresses by account: two accounts of one mailbox are one person. */
  emails: ReadonlyMap<string, string>;
  now: Date;
};
type KeyOf = (party: Pick<Party, "id">) => string;
type Same = (a: Pick<Party, "id">, b: Pick<Party, "id">) => boolean;

const SEVERITIES: Record<DutyRule, DutyFinding["severity"]> = {
  "asker-decided": "critical",
  "owner-decided": "critical",
  "decided-alone": "critical",
  "party-unknown": "high",
  "role-from-party": "high",
  "deciding-for-each-other": "medium",
  "break-glass-used": "medium",
  "break-glass-unreviewed": "high",
  "break-glass-reviewed-late": "medium",
  "break-glass-not-justified": "high",
};

/**
 * Where two people were needed and were not two, or were not free of each other, by the rules in `DUTY_RULES`; the
 * newest finding first.
 */
export function judgeDuties(facts: DutyFacts): DutyFinding[] {
  const keyOf = personKeys(facts.emails);
  const same: Same = (a, b) => keyOf(a) === keyOf(b);
  const ofActs = facts.acts.flatMap((act) => [
    ...judgeParties(act, same),
    ...judgeRoles(act, facts.roleGifts, same),
    ...judgeGlass(act, facts.reviews.get(act.key), facts.now),
  ]);
  return [...ofActs, ...judgePairs(facts.acts, keyOf)].sort((a, b) => b.at.getTime() - a.at.getTime());
}

function judgeParties(act: DutyAct, same: Same): DutyFinding[] {
  const { asked, decided, owners } = act;
  const found: DutyFinding[] = [];
  const say = (rule: DutyRule, text: string) => found.push(finding(rule, act, text));
  for (const party of decided) {
    if (asked && asked.kind === "person" && same(asked, party))
      say("asker-decided", `${party.name} asked for ${act.what} and decided it.`);
    if (owners.some((owner) => same(owner, party)))
      say("owner-decided", `${party.name} decided ${act.what} and owns the agent, or one above it.`);
  }
  const alone = decided.length === 0 && act.kind !== "break-glass";
  if (alone && asked?.kind !== "system") say("decided-alone", `Nobody else decided ${act.what}.`);
  for (const party of [...(asked ? [asked] : []), ...decided].filter(({ kind }) => kind === "unknown"))
    say("party-unknown", `The account ${party.id}, a party to ${act.what}, cannot be found.`);
  return found;
}

function judgeRoles(act: DutyAct, gifts: readonly RoleGift[], same: Same): DutyFinding[] {
  const parties = [...(act.asked ? [act.asked] : []), ...act.decided];
  const party = (id: string) => parties.find((one) => same(one, { id }));
  const since = act.at.getTime() - ROLE_DAYS * 86_400_000;
  return gifts
    .filter(({ at }) => at < act.at && at.getTime() >= since)
    .flatMap(({ at, by, to, roles }) => {
      const [giver, given] = [party(by), party(to)];
      if (!giver || !given || same(giver, given)) return [];
      const words = `${given.name} was given ${roles.join(", ")} by ${giver.name} on ${at.toISOString()}, and both are parties to ${act.what}.`;
      return [finding("role-from-party", act, words)];
    });
}

function judgeGlass(act: DutyAct, review: GlassReview | undefined, now: Date): DutyFinding[] {
  if (act.kind !== "break-glass" || !review) return [];
  const { dueAt, reviewedAt, verdict } = review;
  const found = [
    finding("break-glass-used", act, `${act.asked?.name ?? "Somebody"} broke glass: ${act.what}.`),
  ];
  if (!reviewedAt && dueAt <= now)
    found.push(
      finding("break-glass-unreviewed", act, `Nobody has reviewed ${act.what}, due ${dueAt.toISOString()}.`),
    );
  if (reviewedAt && reviewedAt > dueAt)
    found.push(finding("break-glass-reviewed-late", act, `${act.what} was reviewed after its time.`));
  if (verdict === "not-justified")
    found.push(finding("break-glass-not-justified", act, `${act.what} was found not justified.`));
  return found;
}

/** Two people who decide for each other, again and again: in both directions, more often than is chance. */
function judgePairs(acts: readonly DutyAct[], keyOf: KeyOf): DutyFinding[] {
  const pairs = new Map<string, { names: [string, string]; ways: Set<string>; acts: Map<string, Date> }>();
  for (const act of acts) {
    const { asked } = act;
    if (asked?.kind !== "person") continue;
    for (const party of act.decided) {
      const [one, other] = [keyOf(asked), keyOf(party)];
      if (one === other) continue;
      const key = [one, other].sort().join(" ");
      const pair = pairs.get(key) ?? { names: [asked.name, party.name], ways: new Set(), acts: new Map() };
      pair.ways.add(`${one} ${other}`);
      pair.acts.set(act.key, act.at);
      pairs.set(key, pair);
    }
  }
  return [...pairs.values()]
    .filter((pair) => pair.ways.size === 2 && pair.acts.size > PAIR_ACTS_MAX)
    .map(({ names: [one, other], acts: times }) => ({
      rule: "deciding-for-each-other",
      severity: SEVERITIES["deciding-for-each-other"],
      at: new Date(Math.max(...[...times.values()].map((at) => at.getTime()))),
      text: `${one} and ${other} decided ${times.size} acts for each other.`,
      acts: [...times.keys()],
    }));
}

/** One key for each person, whichever of their accounts acted; each account is compared once. */
function personKeys(emails: DutyFacts["emails"]): KeyOf {
  const keys = new Map<string, string>();
  const known: PersonFacts[] = [];
  return ({ id }) => {
    const before = keys.get(id);
    if (before !== undefined) return before;
    const person = { id, email: emails.get(id) ?? id };
    const met = known.find((other) => samePerson(other, person));
    if (!met) known.push(person);
    const key = (met ?? person).id;
    keys.set(id, key);
    return key;
  };
}

function finding(rule: DutyRule, act: DutyAct, text: string): DutyFinding {
  return { rule, severity: SEVERITIES[rule], at: act.at, text, acts: [act.key] };
}
