import { amount as sum } from "../limits-schema.ts";
import { isNothing, type Limits } from "./narrow-limits.ts";
import { coversResource, isAddress } from "./resource-pattern.ts";
import { isMore } from "./sums.ts";

/** The members of an action that limits are compared with. What they hold is the agent's word, in any shape. */
export type LimitedAction = {
  endpoint?: string | undefined;
  transactionId?: string | undefined;
  peer?: string | undefined;
  subjects?: readonly string[] | undefined;
  dataAccessed?: readonly string[] | undefined;
  /** The sum is `amount`, a decimal as text such as `5000.00`, and `currency` its three letters. */
  details?: Readonly<Record<string, unknown>> | undefined;
};

export const LIMIT_CODES = ["limit_unstated", "limit_currency", "limit_amount", "limit_resource"] as const;
export type LimitBroken = { code: (typeof LIMIT_CODES)[number]; reason: string };

/**
 * Whether an action keeps to its grant's limits. What limits and is not stated, or not so that it can be compared
 * exactly, breaks them.
 *
 * @returns null where it does, else which limit it breaks, in a sentence that names the grant.
 */
export function checkLimits(
  action: LimitedAction,
  { limits, grantId }: { limits: Limits; grantId: string },
): LimitBroken | null {
  if (limits === null) return null;
  if (isNothing(limits))
    return { code: "limit_resource", reason: `The limits of grant ${grantId} leave nothing that it allows.` };
  const { amount, resources } = limits;
  return (
    (amount && checkAmount(action.details ?? {}, amount, grantId)) ??
    (resources && checkResources(action, resources, grantId)) ??
    null
  );
}

function checkAmount(
  details: Readonly<Record<string, unknown>>,
  { max, currency }: { max: string; currency: string },
  grantId: string,
): LimitBroken | null {
  const upTo = `grant ${grantId} allows at most ${max} ${currency}`;
  const stated = member(details, "amount");
  if (typeof stated === "number")
    return {
      code: "limit_unstated",
      reason: `details.amount is a JSON number, which loses digits: send it as text, such as "5000.00"; ${upTo}.`,
    };
  const read = sum.safeParse(stated);
  if (!read.success)
    return {
      code: "limit_unstated",
      reason: `The action must state its sum in details.amount, as text such as "5000.00": ${upTo}.`,
    };
  const statedCurrency = member(details, "currency");
  if (typeof statedCurrency !== "string")
    return {
      code: "limit_unstated",
      reason: `The action must state its currency in details.currency, such as "${currency}": ${upTo}.`,
    };
  if (statedCurrency !== currency)
    return { code: "limit_currency", reason: `The action's currency is not ${currency}: ${upTo}.` };
  if (isMore(read.data, max))
    return { code: "limit_amount", reason: `The action moves ${read.data} ${currency}: ${upTo}.` };
  return null;
}

function checkResources(
  { endpoint, transactionId, peer, subjects = [], dataAccessed = [] }: LimitedAction,
  resources: readonly string[],
  grantId: string,
): LimitBroken | null {
  const others = [transactionId, peer, ...subjects, ...dataAccessed].filter((it) => it !== undefined);
  const allowed = `grant ${grantId} allows ${resources.join(", ")} alone`;
  if (endpoint === undefined && others.length === 0)
    return {
      code: "limit_unstated",
      reason: `The action must name what it touches, in endpoint, transactionId, peer, subjects or dataAccessed: ${allowed}.`,
    };
  const addresses = resources.filter(isAddress);
  if (endpoint !== undefined && isCovered(addresses, endpoint)) return null;
  // An allowed address among the subjects does not make up for an endpoint that is another one.
  const patterns = endpoint === undefined ? resources : resources.filter((pattern) => !isAddress(pattern));
  const kinds = [[endpoint], [transactionId], [peer], subjects, dataAccessed].map((kind) =>
    kind.filter((it) => it !== undefined).map((named) => isCovered(patterns, named)),
  );
  const inPart = kinds.some((kind) => kind.includes(true) && kind.includes(false));
  if (!inPart && kinds.some((kind) => kind.includes(true))) return null;
  return { code: "limit_resource", reason: `The action touches something else: ${allowed}.` };
}

function isCovered(patterns: readonly string[], named: string): boolean {
  return patterns.some((pattern) => coversResource(pattern, named));
}

/** An agent's own object: what it inherits is not what was said. */
function member(details: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(details, name) ? details[name] : undefined;
}
