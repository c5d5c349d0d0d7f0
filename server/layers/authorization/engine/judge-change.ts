import type { Effect, PolicyChange } from "../change-schema.ts";

/** Which way something goes, and by which rule. */
export type Judgement = { effect: Effect; rule: string };

export const loosens = (rule: string): Judgement => ({ effect: "loosens", rule });
export const tightens = (rule: string): Judgement => ({ effect: "tightens", rule });
export const neutral = (rule: string): Judgement => ({ effect: "neutral", rule });

/** A change with its judgement. */
export function change(
  what: Pick<PolicyChange, "path" | "said" | "before" | "after"> & { account?: string },
  judgement: Judgement,
): PolicyChange {
  const { path, said, before, after, account = null } = what;
  return { path, said, before, after, ...judgement, account };
}

/** A number of which more allows more. */
export function moreLoosens(before: number, after: number, more: string, less: string): Judgement {
  return after > before ? loosens(more) : tightens(less);
}

/** Entries that only one of two lists has. */
export function listChanges(
  before: readonly string[],
  after: readonly string[],
): { added: string[]; removed: string[] } {
  return {
    added: after.filter((it) => !before.includes(it)),
    removed: before.filter((it) => !after.includes(it)),
  };
}

/** Whether two JSON values are the same, whatever the order of members. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.every((key) => same((a as Fields)[key], (b as Fields)[key]));
}

type Fields = Record<string, unknown>;
