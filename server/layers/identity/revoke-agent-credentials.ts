import type { Tx } from "../../../db/client.ts";
import type { Actor } from "../../kernel/actor.ts";
import { type RevokeReason, revokeCredential } from "./revoke-credential.ts";
import { liveCredentials } from "./store.ts";

/** Revokes every live certificate of an agent, in the caller's transaction. @returns how many there were. */
export async function revokeAgentCredentials(
  tx: Tx,
  revocation: { agentId: string; reason: RevokeReason; actor: Actor; now: Date },
): Promise<number> {
  const live = await liveCredentials(tx, revocation.agentId, revocation.now);
  for (const credential of live) await revokeCredential(tx, { ...revocation, credentialId: credential.id });
  return live.length;
}
