import { and, eq, gt, isNull } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { trustOverrides } from "../../../db/schema/index.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { appendRecord } from "../audit/append.ts";

/**
 * Ends the override of trust that counts for an agent which is being stopped, in the caller's transaction, which has
 * locked the agent's row: when it is released, what happened counts. The caller has checked the permission.
 */
export async function endOverridesOfAgent(
  tx: Tx,
  stop: { agent: { id: string; did: string }; reason: string; actor: Actor; now: Date },
): Promise<void> {
  const { agent, reason, actor, now } = stop;
  const { agentId, status, endsAt, endedBy } = trustOverrides;
  const ended = await tx
    .update(trustOverrides)
    .set({ endsAt: now, endedBy: actorRecord(actor).id })
    .where(and(eq(agentId, agent.id), eq(status, "approved"), gt(endsAt, now), isNull(endedBy)))
    .returning({ id: trustOverrides.id, score: trustOverrides.score });
  for (const { id, score } of ended) {
    const details = { override: id, score, reason: `the agent was ${reason}` };
    await appendRecord(tx, { kind: "trust.override_ended", actor, now, agent, details });
    await notify(tx, "trust", agent.id);
  }
}
