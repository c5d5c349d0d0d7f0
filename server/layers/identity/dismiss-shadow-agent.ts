import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { settleShadowAgent } from "./settle-shadow-agent.ts";
import { type DismissShadowAgentInput, dismissShadowAgentInput } from "./shadow-schema.ts";

/**
 * Says that an unknown identity is no agent of the bank's that is missing, and why. It stays on the list and goes on
 * being counted; no further alert is raised for it.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `shadow_agent_unknown`.
 * @throws ConflictError `shadow_agent_changed`.
 */
export async function dismissShadowAgent(
  ctx: VerbContext,
  input: DismissShadowAgentInput,
): Promise<{ state: "dismissed" }> {
  requirePermission(ctx.actor, "alerts.triage");
  const { actor, now } = ctx;
  const decision = dismissShadowAgentInput.parse(input);
  await ctx.db.transaction((tx) => settleShadowAgent(tx, { ...decision, to: "dismissed", actor, now }));
  return { state: "dismissed" };
}
