import type { Tx } from "../../../db/client.ts";
import type { Actor } from "../../kernel/actor.ts";
import { changeAgentStatus } from "./change-agent-status.ts";
import { revokeCredential } from "./revoke-credential.ts";
import { agentById, liveCredentials } from "./store.ts";

/**
 * Ends an enrolment, in the caller's transaction: a registered agent is enrolled from here on, and what an
 * agent that enrols again held before is revoked.
 *
 * @param credentialIds the five that this enrolment gave.
 * @param usedAt when its token was spent: what was issued later is a renewal and stays.
 */
export async function finishEnrolment(
  tx: Tx,
  enrolment: { agentId: string; credentialIds: readonly string[]; usedAt: Date; now: Date },
): Promise<void> {
  const { agentId, credentialIds, usedAt, now } = enrolment;
  const agent = await agentById(tx, agentId, true);
  const actor: Actor = { type: "agent", id: agent.id, name: agent.name, did: agent.did };
  for (const old of await liveCredentials(tx, agentId, now))
    if (!credentialIds.includes(old.id) && old.issuedAt < usedAt)
      await revokeCredential(tx, { credentialId: old.id, reason: "re-enrolled", actor, now });
  if (agent.status === "registered")
    await changeAgentStatus(tx, {
      agentId,
      to: "enrolled",
      actor,
      now,
      reason: "enrolled with a join token",
    });
}
