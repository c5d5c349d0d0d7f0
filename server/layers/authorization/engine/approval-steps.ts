import type { ApprovalStep } from "../policy-schema.ts";

/** How many people must approve in all. */
export function votesOf(steps: readonly ApprovalStep[]): number {
  return steps.flatMap(({ needs }) => needs).reduce((sum, { votes }) => sum + votes, 0);
}
