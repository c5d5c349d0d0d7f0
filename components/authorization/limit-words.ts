import { amount, type GrantLimits, resourcePattern } from "#server/layers/authorization/limits-schema.ts";

type Limits = GrantLimits | null;

/** What limits allow, in words: `at most 5,000.00 USD an action, on /accounts/17/* alone`. */
export function limitWords(limits: Limits): string {
  if (limits === null) return "anything the scope allows";
  if (limits.resources?.length === 0) return "nothing: what is left of its limits allows no action";
  const parts = [
    ...(limits.amount ? [`at most ${sumWords(limits.amount)} an action`] : []),
    ...(limits.resources ? [`on ${limits.resources.join(", ")} alone`] : []),
  ];
  return parts.join(", ") || "anything the scope allows";
}

/** `5,000.00 USD`. The digits are those that count: nothing is rounded. */
export function sumWords({ max, currency }: { max: string; currency: string }): string {
  const [whole = "", fraction] = max.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${grouped}${fraction === undefined ? "" : `.${fraction}`} ${currency}`;
}

/** What somebody has typed of limits. */
export type LimitDraft = { max: string; resources: string[] };

export function draftOf(limits: Limits): LimitDraft {
  return { max: limits?.amount?.max ?? "", resources: limits?.resources ?? [] };
}

/** The limits that were typed; null where nothing was. `currency` is null where the scope is not about sums. */
export function limitsOf({ max, resources }: LimitDraft, currency: string | null): Limits {
  const sum = max.trim();
  const limits = {
    ...(currency && sum ? { amount: { max: sum, currency } } : {}),
    ...(resources.length > 0 ? { resources } : {}),
  };
  return Object.keys(limits).length > 0 ? limits : null;
}

/** What is wrong with what was typed, member by member; null where nothing is. */
export function draftFaults({ max, resources }: LimitDraft): {
  max: string | null;
  resources: string | null;
} {
  const sum = max.trim();
  const wrong = resources.find((it) => !resourcePattern.safeParse(it).success);
  const said = wrong === undefined ? undefined : resourcePattern.safeParse(wrong).error?.issues[0]?.message;
  return {
    max: sum === "" || amount.safeParse(sum).success ? null : "A sum such as 5000 or 5000.00",
    resources: wrong === undefined ? null : `${wrong}: ${said}`,
  };
}
