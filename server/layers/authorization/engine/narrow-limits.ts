import { type GrantLimits, keptLimits } from "../limits-schema.ts";
import { isWithin } from "./resource-pattern.ts";
import { isMore, sumText, sumUnits } from "./sums.ts";

/** How wide a grant is beyond its scope's name; null where nothing narrows it. */
export type Limits = GrantLimits | null;

/** Allows no action at all: what is left where limits share nothing, and how limits that cannot be read are read. */
export const NOTHING: GrantLimits = Object.freeze({ resources: [] });

export function isNothing(limits: Limits): boolean {
  return limits?.resources?.length === 0;
}

/** Limits as they are stored, in one form; what cannot be read allows nothing. */
export function readLimits(stored: unknown): Limits {
  if (stored === null || stored === undefined) return null;
  const read = keptLimits.safeParse(stored);
  return read.success ? inOneForm(read.data) : NOTHING;
}

/** Whether `inner` allows no action that `outer` does not allow. */
export function isAtMostAsWide(inner: Limits, outer: Limits): boolean {
  if (outer === null || isNothing(inner)) return true;
  const { amount, resources } = inner ?? {};
  if (outer.amount) {
    if (!amount || amount.currency !== outer.amount.currency) return false;
    if (isMore(amount.max, outer.amount.max)) return false;
  }
  const around = outer.resources;
  if (!around) return true;
  return resources?.every((one) => around.some((other) => isWithin(one, other))) ?? false;
}

/** What two limits both allow, and nothing else: associative, in any order the same, and never wider than either. */
export function meetLimits(one: Limits, other: Limits): Limits {
  if (one === null) return inOneForm(other ?? {});
  if (other === null) return inOneForm(one);
  const amount = meetAmounts(one.amount, other.amount);
  const resources = meetResources(one.resources, other.resources);
  if (amount === "none" || resources?.length === 0) return NOTHING;
  return inOneForm({ ...(amount ? { amount } : {}), ...(resources ? { resources } : {}) });
}

/**
 * What is asked for, with everything that it does not mention taken from what is held: asking for a sum alone says
 * nothing about resources.
 */
export function fillFrom(asked: Limits, held: Limits): Limits {
  return inOneForm({ ...held, ...asked });
}

type Amount = NonNullable<GrantLimits["amount"]>;

function meetAmounts(one: Amount | undefined, other: Amount | undefined): Amount | undefined | "none" {
  if (!one || !other) return one ?? other;
  if (one.currency !== other.currency) return "none";
  return sumUnits(one.max) <= sumUnits(other.max) ? one : other;
}

function meetResources(one?: readonly string[], other?: readonly string[]): readonly string[] | undefined {
  if (!one || !other) return one ?? other;
  const within = (these: readonly string[], those: readonly string[]) =>
    these.filter((it) => those.some((around) => isWithin(it, around)));
  return [...within(one, other), ...within(other, one)];
}

/** One text for one meaning: no members is no limit, sums have as many decimals as they need, patterns are sorted. */
function inOneForm({ amount, resources }: { amount?: Amount; resources?: readonly string[] }): Limits {
  if (resources?.length === 0) return NOTHING;
  if (!amount && !resources) return null;
  const distinct = [...new Set(resources)];
  const widest = distinct.filter((it) => !distinct.some((around) => around !== it && isWithin(it, around)));
  return {
    ...(amount ? { amount: { max: sumText(sumUnits(amount.max)), currency: amount.currency } } : {}),
    ...(resources ? { resources: widest.sort() } : {}),
  };
}
