import type { VerbContext } from "../access/verb-context.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { RefusedParentError } from "../layers/identity/admit-parent.ts";

/**
 * Does a registration; where its parent is refused, that somebody tried to give this parent another child, and why
 * not, stands in the parent's trail before the refusal goes on.
 */
export async function recordRefusedParent<T>(
  ctx: VerbContext,
  child: string,
  register: () => Promise<T>,
): Promise<T> {
  try {
    return await register();
  } catch (error) {
    if (error instanceof RefusedParentError)
      await ctx.db.transaction((tx) =>
        appendRecord(tx, {
          kind: "agent.registration-refused",
          actor: ctx.actor,
          now: ctx.now,
          agent: error.parent,
          outcome: "deny",
          checks: error.checks,
          details: { child },
        }),
      );
    throw error;
  }
}
