import fc from "fast-check";
import { votesOf } from "../engine/approval-steps.ts";
import { type ApprovalStep, RISKS, type ScopePolicy, type ScopeRule, scopePolicy } from "../policy-schema.ts";

const HOUR = 3_600;
const SCOPES = ["a:read", "a:write", "b:run", "c:admin"];
/** Patterns that overlap each other in every way that patterns can. */
const PATTERNS = [
  ...["x.read", "x.read*", "x.*", "x.r*d", "*.read", "*.*", "y.*", "y.go*", "*:*", "*:Get*"],
  ...["s3:GetObject", "s3:*", "x.*.*", "x.read.all"],
];
/** Names that the patterns decide over, and some that none does. */
export const ACTIONS = [
  ...["x.read", "x.reads", "x.rd", "x.write", "z.read", "z.z", "y.go", "y.gone", "y.no", "x.read.all"],
  ...["s3:GetObject", "s3:PutObject", "ec2:GetThing", "x.a.b", "a:read", "b:run", "plain"],
];

const none = () => fc.constant<never[]>([]);
const people = fc.uniqueArray(fc.constantFrom("u1", "u2", "u3"), { maxLength: 3 });
const need = (groups: string[]) =>
  fc.record({ from: fc.constantFrom("approvers", ...groups), votes: fc.integer({ min: 1, max: 3 }) });
const step = (groups: string[]): fc.Arbitrary<ApprovalStep> =>
  fc.record({
    title: fc.constantFrom("One", "Two"),
    needs: fc.array(need(groups), { minLength: 1, maxLength: 2 }),
  });

function amounts(groups: string[]) {
  const sum = fc.constantFrom("100", "100.50", "5000", "5000.00");
  const escalation = fc.record({
    above: sum,
    withinSeconds: fc.constantFrom(60, HOUR),
    steps: fc.array(step(groups), { minLength: 1, maxLength: 2 }),
  });
  const rule = fc.record({
    currency: fc.constantFrom("USD", "EUR"),
    max: sum,
    escalation: fc.option(escalation, { nil: null }),
  });
  return fc.option(rule, { nil: null });
}

function rule(scope: string, groups: string[]): fc.Arbitrary<ScopeRule> {
  const title = fc.constantFrom("A title", "Another");
  const base = fc.record({
    ...{ scope: fc.constant(scope), title, risk: fc.constant("LOW" as const), actions: none() },
    ...{ group: fc.constant("base" as const), secondsMax: fc.constant(null), steps: none() },
    amounts: fc.constant(null),
  });
  const elevated = fc.record({
    ...{ scope: fc.constant(scope), title, risk: fc.constantFrom(...RISKS), actions: none() },
    group: fc.constantFrom("elevated" as const, "time-bound" as const),
    secondsMax: fc.constantFrom(60, HOUR, 4 * HOUR),
    steps: fc.array(step(groups), { minLength: 1, maxLength: 3 }),
    amounts: amounts(groups),
  });
  return fc.oneof(base, elevated.map(withEnoughPeople));
}

/** An escalation asks for as many people as the scope itself, at least. */
function withEnoughPeople(of: ScopeRule): ScopeRule {
  const { amounts, steps } = of;
  if (!amounts?.escalation || votesOf(amounts.escalation.steps) >= votesOf(steps)) return of;
  return { ...of, amounts: { ...amounts, escalation: { ...amounts.escalation, steps } } };
}

/** Any valid policy over a handful of names, so that two of them differ and meet in every part. */
export const anyPolicy: fc.Arbitrary<ScopePolicy> = fc
  .uniqueArray(fc.constantFrom("desk", "risk-officers"), { maxLength: 2 })
  .chain((groups) =>
    fc
      .record({
        scopes: fc
          .subarray(SCOPES, { minLength: 1 })
          .chain((names) => fc.tuple(...names.map((name) => rule(name, groups)))),
        claims: fc.array(fc.nat({ max: SCOPES.length }), {
          minLength: PATTERNS.length,
          maxLength: PATTERNS.length,
        }),
        members: fc.tuple(people, people),
        titles: fc.constantFrom("Desk", "The desk"),
        breakGlass: fc.record({
          people,
          secondsMax: fc.constantFrom(60, 1_800),
          reviewWithinSeconds: fc.constantFrom(HOUR, 24 * HOUR),
        }),
        mediumTrustAbove: fc.constantFrom(0.5, 0.8),
        tokenSecondsMax: fc.constantFrom(600, HOUR),
        approvalOpenSeconds: fc.constantFrom(HOUR, 8 * HOUR),
        reaskAfterSeconds: fc.constantFrom(0, HOUR),
        clientAuth: fc.subarray(["private_key_jwt", "tls_client_auth"] as const, { minLength: 1 }),
      })
      .map(({ scopes, claims, members, titles, ...rest }) =>
        scopePolicy.parse({
          ...rest,
          version: 1,
          approverGroups: groups.map((name, i) => ({ name, title: titles, members: members[i] ?? [] })),
          scopes: scopes.map((it, place) => ({
            ...it,
            actions: PATTERNS.filter((_, i) => claims[i] === place),
          })),
        }),
      ),
  );
