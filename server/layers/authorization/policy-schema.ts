import { z } from "zod";
import { amount, currency } from "./limits-schema.ts";

export const RISKS = ["LOW", "MEDIUM", "HIGH"] as const;
export type Risk = (typeof RISKS)[number];

/** `base` scopes are granted for good; the others come through a person's approval and end by themselves. */
export const SCOPE_GROUPS = ["base", "elevated", "time-bound"] as const;

/** The approver group that needs no list: everybody who holds the role approver now. */
export const ALL_APPROVERS = "approvers";

/** How agents may prove themselves at the token endpoint (RFC 7523; RFC 8705 §2.1). */
export const CLIENT_AUTH_METHODS = ["private_key_jwt", "tls_client_auth"] as const;
/** What a policy that was written before there was a choice means: the assertion alone. */
export const clientAuthMethods = z.array(z.enum(CLIENT_AUTH_METHODS)).min(1).default(["private_key_jwt"]);
export type ClientAuthMethod = (typeof CLIENT_AUTH_METHODS)[number];

/** A scope's name, such as `payments:execute` (RFC 6749 §3.3 allows more; Vigil does not). */
export const scopeName = z
  .string()
  .max(80)
  .regex(/^[a-z][a-z0-9_-]*:[a-z][a-z0-9_-]*$/, "two lower-case words with a colon between them");

/** An action pattern: see `engine/action-pattern.ts` for what `*` means. */
export const actionPattern = z
  .string()
  .max(120)
  .regex(/^[A-Za-z0-9_.:*-]+$/, "letters, digits, _ . : - and *");

export const approverGroupName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9-]*$/, "lower-case letters, digits and -");

/** One step of a decision: every need in it is met, by different people, before the next step opens. */
export const approvalStep = z.object({
  title: z.string().min(1).max(80),
  needs: z
    .array(z.object({ from: approverGroupName, votes: z.number().int().min(1).max(5) }))
    .min(1)
    .max(5),
});
export type ApprovalStep = z.infer<typeof approvalStep>;
const approvalSteps = z.array(approvalStep).max(5);

/** For scopes that move money: what one approval may allow, and from which sum on other people decide. */
export const amountRule = z.object({
  currency,
  /** The most that one approval may allow for one action. */
  max: amount,
  /**
   * Where this request, with all else that the agent was given of the scope within this time or has asked for, comes
   * to more than `above`, these steps decide instead: a sum that is split is counted together.
   */
  escalation: z
    .object({ above: amount, withinSeconds: z.number().int().positive(), steps: approvalSteps.min(1) })
    .nullable(),
});

export const scopeRule = z.object({
  scope: scopeName,
  title: z.string().min(1).max(120),
  risk: z.enum(RISKS),
  group: z.enum(SCOPE_GROUPS),
  /** Longest time that one approval gives, seconds; null for base scopes. */
  secondsMax: z.number().int().positive().nullable(),
  /** Who decides, in this order; empty for base scopes, which nobody is asked for. */
  steps: approvalSteps,
  /** Null where the scope is not about sums. */
  amounts: amountRule.nullable().default(null),
  /** What the scope allows. */
  actions: z.array(actionPattern).max(200),
});
export type ScopeRule = z.infer<typeof scopeRule>;

export const approverGroup = z.object({
  name: approverGroupName,
  title: z.string().min(1).max(80),
  /** Ids of accounts. A member votes only while they hold the role approver, too. */
  members: z.array(z.string().min(1).max(80)).max(200),
});

export const breakGlassRule = z.object({
  /** Ids of the accounts that may break glass. An empty list means nobody. */
  people: z.array(z.string().min(1).max(80)).max(50),
  /** How long such a grant lives at most. */
  secondsMax: z.number().int().min(60).max(14_400),
  /** Somebody else reviews each use within this time. */
  reviewWithinSeconds: z
    .number()
    .int()
    .positive()
    .max(7 * 86_400),
});

/** The whole policy of one version, as stored: never changed once written. */
export const scopePolicy = z
  .object({
    version: z.number().int().positive(),
    /** A MEDIUM scope needs a trust score above this; exactly this is refused. */
    mediumTrustAbove: z.number().min(0).max(1),
    /** No token lives longer, whatever its grants say. */
    tokenSecondsMax: z.number().int().positive().max(3_600),
    /** A request that nobody answers ends after this. */
    approvalOpenSeconds: z.number().int().positive(),
    /** After a denial, an agent's own asking opens no new request for this long. */
    reaskAfterSeconds: z.number().int().nonnegative(),
    clientAuth: clientAuthMethods,
    approverGroups: z.array(approverGroup).max(50).default([]),
    breakGlass: breakGlassRule.default({ people: [], secondsMax: 1_800, reviewWithinSeconds: 86_400 }),
    scopes: z.array(scopeRule).min(1).max(500),
  })
  .superRefine((policy, context) => {
    const say = (message: string) => context.addIssue({ code: "custom", message });
    for (const name of twice(policy.scopes.map(({ scope }) => scope)))
      say(`${name} stands twice in the policy`);
    for (const name of twice(policy.approverGroups.map(({ name }) => name)))
      say(`The group ${name} stands twice`);
    const groups = [ALL_APPROVERS, ...policy.approverGroups.map(({ name }) => name)];
    if (policy.approverGroups.some(({ name }) => name === ALL_APPROVERS))
      say(`${ALL_APPROVERS} is everybody with the role approver and cannot be listed`);
    const patterns = new Map<string, string>();
    for (const rule of policy.scopes) {
      checkRule(rule, groups, say);
      for (const pattern of rule.actions) {
        const other = patterns.get(pattern);
        if (pattern !== rule.scope && policy.scopes.some(({ scope }) => scope === pattern))
          say(`${pattern} is a scope of its own: ${rule.scope} cannot take the action of that name`);
        if (other) say(`${pattern} is claimed by ${other} and ${rule.scope}`);
        patterns.set(pattern, rule.scope);
      }
    }
  });
export type ScopePolicy = z.infer<typeof scopePolicy>;
export type ScopePolicyInput = z.input<typeof scopePolicy>;

function checkRule(rule: ScopeRule, groups: readonly string[], say: (message: string) => void): void {
  const base = rule.group === "base";
  if (base !== (rule.secondsMax === null))
    say(`${rule.scope}: base scopes have no time limit, all others do`);
  if (base && rule.risk !== "LOW") say(`${rule.scope}: only a LOW scope may be granted without an approval`);
  if (base !== (rule.steps.length === 0))
    say(`${rule.scope}: base scopes have no steps of approval, all others do`);
  const steps = [...rule.steps, ...(rule.amounts?.escalation?.steps ?? [])];
  for (const { from } of steps.flatMap(({ needs }) => needs))
    if (!groups.includes(from)) say(`${rule.scope}: there is no approver group ${from}`);
  const escalation = rule.amounts?.escalation;
  if (escalation && votesIn(escalation.steps) < votesIn(rule.steps))
    say(`${rule.scope}: its escalation asks for fewer people than its own steps`);
  if (rule.amounts && base) say(`${rule.scope}: a base scope has no amounts`);
}

function votesIn(steps: readonly ApprovalStep[]): number {
  return steps.flatMap(({ needs }) => needs).reduce((sum, { votes }) => sum + votes, 0);
}

function twice(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}

/** What screens and scripts are shown of the policy. */
export const policyView = z.object({ version: z.number().int(), scopes: z.array(scopeRule) });
