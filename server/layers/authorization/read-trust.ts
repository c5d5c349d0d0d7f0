import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { currentPolicy } from "./current-policy.ts";
import { currentTrust } from "./current-trust.ts";
import { agentByReference } from "./store.ts";
import { type TrustOfInput, type TrustView, trustOfInput } from "./trust-schema.ts";

/**
 * Trust in an agent at this moment: what counts, what was computed, and why.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 */
export async function readTrust(ctx: VerbContext, input: TrustOfInput): Promise<TrustView> {
  requirePermission(ctx.actor, "agents.read");
  const { id, name } = await agentByReference(ctx.db, trustOfInput.parse(input).name);
  const { mediumTrustAbove } = await currentPolicy(ctx.db);
  const trust = await currentTrust(ctx.db, id, ctx.now);
  return { ...trust, agent: { id, name }, mediumAbove: mediumTrustAbove, at: ctx.now };
}
