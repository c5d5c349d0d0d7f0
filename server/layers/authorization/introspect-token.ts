import type { Database } from "../../../db/client.ts";
import { agentsAbove } from "../../../db/family.ts";
import { checkLine } from "../../kernel/family-line.ts";
import { SERVING_STATUSES } from "./engine/decide-scopes.ts";
import { type AccessTokenRow, type AgentRow, agentByReference, liveTransport, tokenByJti } from "./store.ts";

/**
 * The state of an access token whose signature was verified, for one who asks. A resource server may ask
 * about any; an agent about its own.
 *
 * @returns null where it is not active, or not the caller's to know (RFC 7662 §2.2 tells them nothing more).
 */
export async function introspectToken(
  db: Database,
  ask: { jti: string; caller: Pick<AgentRow, "id" | "kind" | "status" | "banned">; now: Date },
): Promise<{ token: AccessTokenRow; did: string } | null> {
  const { caller, now } = ask;
  const token = await tokenByJti(db, ask.jti);
  if (!token || token.revokedAt !== null || token.expiresAt <= now) return null;
  if (caller.banned || !SERVING_STATUSES.includes(caller.status)) return null;
  if (caller.kind !== "resource-server" && token.agentId !== caller.id) return null;
  const holder = await agentByReference(db, token.agentId);
  if (holder.banned || !SERVING_STATUSES.includes(holder.status)) return null;
  // The certificate that it is bound to, too: whoever holds a revoked one holds nothing.
  const bound = await liveTransport(db, token.thumbprint, now);
  if (bound?.agent.id !== holder.id) return null;
  if (holder.parentId && !checkLine(await agentsAbove(db, holder.id)).passed) return null;
  return { token, did: holder.did };
}
