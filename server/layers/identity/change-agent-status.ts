import { and, eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { agents } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { decideTransition } from "./engine/lifecycle.ts";
import { revokeAgentCredentials } from "./revoke-agent-credentials.ts";
import type { AgentStatus } from "./schema.ts";
import { agentById } from "./store.ts";

/**
 * Moves an agent along its lifecycle, in the caller's transaction. A retired agent's certificates are
 * revoked with it. The caller has checked the actor's permission: this is a step of other verbs.
 *
 * @throws ConflictError `illegal_transition` where the lifecycle does not allow it.
 */
export async function changeAgentStatus(
  tx: Tx,
  change: { agentId: string; to: AgentStatus; actor: Actor; now: Date; reason: string },
): Promise<void> {
  const { agentId, to, actor, now, reason } = change;
  const agent = await agentById(tx, agentId, true);
  const decision = decideTransition(agent, to);
  const broken = decision.checks.find((check) => !check.passed);
  if (broken)
    throw new ConflictError("illegal_transition", broken.detail, {
      agent: agent.name,
      from: agent.status,
      to,
    });
  const changed = await tx
    .update(agents)
    .set({ status: to, ...(to === "enrolled" ? { enrolledAt: now } : {}) })
    .where(and(eq(agents.id, agentId), eq(agents.status, agent.status)))
    .returning({ id: agents.id });
  if (changed.length === 0)
    throw new ConflictError("illegal_transition", `Somebody else changed ${agent.name} first. Look again.`);
  if (to === "retired") await revokeAgentCredentials(tx, { agentId, reason: "retired", actor, now });
  await appendRecord(tx, {
    kind: "agent.status-changed",
    actor,
    now,
    agent,
    checks: decision.checks,
    details: { from: agent.status, to, reason },
  });
  await notify(tx, "agent", agentId);
}
