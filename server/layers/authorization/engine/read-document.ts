import { z } from "zod";
import { ALL_APPROVERS, type ScopePolicy, scopePolicy } from "../policy-schema.ts";

/** How rules were written before decisions had steps: a number of people, any of them approvers. */
const votesAlone = z.looseObject({ votesNeeded: z.number().int().min(1).max(5), group: z.string() });

/**
 * A policy as it was stored, in today's form. What was written under an earlier form is evidence and stays as it
 * is; it is read as what it meant.
 *
 * @throws ZodError where it is no policy.
 */
export function readDocument(document: unknown): ScopePolicy {
  const { scopes, ...rest } = z.looseObject({ scopes: z.array(z.unknown()) }).parse(document);
  return scopePolicy.parse({ ...rest, scopes: scopes.map(withSteps) });
}

function withSteps(rule: unknown): unknown {
  const { success, data } = votesAlone.safeParse(rule);
  if (!success || "steps" in data) return rule;
  const { votesNeeded: votes, ...kept } = data;
  const steps = data.group === "base" ? [] : [{ title: "Approval", needs: [{ from: ALL_APPROVERS, votes }] }];
  return { ...kept, steps, amounts: null };
}
