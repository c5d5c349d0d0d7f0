import type { ScopeRule } from "../policy-schema.ts";
import type { Limits } from "./narrow-limits.ts";
import { isMore } from "./sums.ts";

export type AskedWrong = {
  code: "amount_unstated" | "amount_currency" | "amount_too_high";
  message: string;
};

/**
 * Whether a request's limits are ones that the policy lets anybody ask for: a scope with `amounts` is given up to a
 * stated sum, in the policy's currency and at most its maximum.
 *
 * @returns null where they are, else what is wrong and what to do.
 */
export function checkAskedLimits({ scope, amounts }: ScopeRule, limits: Limits): AskedWrong | null {
  if (!amounts) return null;
  const { currency, max } = amounts;
  const asked = limits?.amount;
  if (!asked)
    return {
      code: "amount_unstated",
      message: `${scope} is given up to a sum: state the most that one action may move, at most ${max} ${currency}.`,
    };
  if (asked.currency !== currency)
    return {
      code: "amount_currency",
      message: `${scope} is given in ${currency}; ${asked.currency} was asked for.`,
    };
  if (isMore(asked.max, max))
    return {
      code: "amount_too_high",
      message: `${scope} is given up to ${max} ${currency}; ${asked.max} ${asked.currency} was asked for.`,
    };
  return null;
}
