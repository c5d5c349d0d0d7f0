import type { ScopeRule } from "../policy-schema.ts";
import { fillFrom, isAtMostAsWide, isNothing, type Limits, meetLimits, readLimits } from "./narrow-limits.ts";

export type GrantFacts = {
  id: string;
  scope: string;
  /** Null for a standing base grant, and where somebody broke glass for it. */
  approvalId: string | null;
  breakGlassId: string | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** As stored; absent or null where nothing narrows it. */
  limits?: unknown;
};

/** A grant of the agent with what its token may carry of it. */
export type Chosen<Grant extends GrantFacts = GrantFacts> = { grant: Grant; limits: Limits };

/** A token lives for whole seconds: what ends within this is over. */
const LIFE_MS_MIN = 1_000;

/**
 * Grants of one scope that count now, the one that ends last first; of two that end together, the newer (greater id)
 * first. A scope that needs an approval counts only with a grant that ends and came from one, or
 * from somebody who broke glass.
 */
export function countingGrants<Grant extends GrantFacts>(
  grants: readonly Grant[],
  rule: ScopeRule,
  now: Date,
): Grant[] {
  const needsApproval = rule.group !== "base" || rule.risk === "HIGH";
  return grants
    .filter(
      (grant) =>
        grant.scope === rule.scope &&
        grant.revokedAt === null &&
        endMs(grant) - now.getTime() >= LIFE_MS_MIN &&
        (!needsApproval ||
          ((grant.approvalId !== null || grant.breakGlassId !== null) && grant.expiresAt !== null)),
    )
    .sort((a, b) => compare(endMs(b), endMs(a)) || compare(b.id, a.id));
}

/**
 * Which of an agent's grants a token takes. Where nothing particular is asked for, the first, with its limits. Where
 * limits are asked for, the first that covers them; what is asked for and does not mention a member takes the
 * grant's own.
 *
 * @param grants in the order of `countingGrants`.
 * @returns null where none covers what was asked for.
 */
export function chooseGrant<Grant extends GrantFacts>(
  grants: readonly Grant[],
  asked: Limits,
): Chosen<Grant> | null {
  for (const grant of grants) {
    const held = readLimits(grant.limits);
    const limits = fillFrom(asked, held);
    if (!isNothing(held) && isAtMostAsWide(limits, held)) return { grant, limits };
  }
  return null;
}

/**
 * Which grant of one above the agent a token rests on: the first that covers all of these limits, else the first that
 * leaves anything of them.
 *
 * @returns null where every grant leaves nothing; else what it leaves.
 */
export function chooseCover(grants: readonly GrantFacts[], limits: Limits): Chosen | null {
  const covers = grants.find((grant) => isAtMostAsWide(limits, readLimits(grant.limits)));
  if (covers) return { grant: covers, limits };
  for (const grant of grants) {
    const left = meetLimits(limits, readLimits(grant.limits));
    if (!isNothing(left)) return { grant, limits: left };
  }
  return null;
}

function endMs({ expiresAt }: GrantFacts): number {
  return expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
}

function compare<Value extends number | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
