import { agentsBelow } from "../../db/family.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { releaseContainment } from "../incidents/release-containment.ts";
import { agentNamed, containmentById } from "../incidents/store.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";
import { ForbiddenError } from "../kernel/errors.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { changeAgentStatus } from "../layers/identity/change-agent-status.ts";
import { setIsolation } from "../layers/isolation/set-isolation.ts";
import { startCoolDown } from "../layers/monitoring/start-cool-down.ts";
import { tellFamily } from "./tell-family.ts";

/**
 * Releases a contained agent, by a second person: it is active, its isolation open; its dead tokens stay
 * dead. Those below it may act again as their own standing allows, with new tokens. A refusal is recorded as well.
 *
 * @throws ForbiddenError `not_permitted`, `person_required`, `second_person_required`.
 * @throws ConflictError `already_released`, `release_not_requested`.
 */
export async function releaseAgent(
  ctx: VerbContext,
  input: { containmentId: string; stepUp: string },
): Promise<{ agentId: string }> {
  const { db, actor, now } = ctx;
  try {
    return await db.transaction(async (tx) => {
      const { containment, agent } = await releaseContainment(tx, { ...input, actor, now });
      const change = { agentId: agent.id, actor, now, reason: `released: ${containment.releaseReason}` };
      await changeAgentStatus(tx, { ...change, to: "active" });
      await setIsolation(tx, { ...change, state: "open" });
      await startCoolDown(tx, { containment, now });
      const below = (await agentsBelow(tx, agent.id)).filter((it) => it.status !== "retired");
      await tellFamily(tx, { ...change, kind: "agent.parent-resumed", agent, below });
      const body = { containmentId: containment.id, agent: agent.did, reason: containment.releaseReason };
      await enqueueDelivery(tx, { topic: "agent.released", body, now });
      return { agentId: agent.id };
    });
  } catch (error) {
    if (error instanceof ForbiddenError && error.code === "second_person_required")
      await recordRefusal(ctx, input, error);
    throw error;
  }
}

async function recordRefusal(
  ctx: VerbContext,
  input: { containmentId: string },
  error: ForbiddenError,
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const { agentId } = await containmentById(tx, input.containmentId);
    await appendRecord(tx, {
      kind: "agent.release-refused",
      actor: ctx.actor,
      now: ctx.now,
      agent: await agentNamed(tx, agentId),
      outcome: "deny",
      checks: [{ id: String(error.facts.check), passed: false, detail: error.message }],
      details: { containmentId: input.containmentId },
      subjects: [input.containmentId],
    });
  });
}
