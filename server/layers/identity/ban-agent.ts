import { and, eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { claimTurn } from "../../../db/family.ts";
import { notify } from "../../../db/listen.ts";
import { agents } from "../../../db/schema/index.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { Actor } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import { revokeAgentCredentials } from "./revoke-agent-credentials.ts";
import { type BanAgentInput, banAgentInput } from "./schema.ts";
import { type AgentRow, agentByName } from "./store.ts";

/**
 * Bans an agent for good, in the caller's transaction: its certificates are revoked, gateways refuse it at once,
 * and it can never enrol again. There is no way back; another agent is registered under another name.
 *
 * @returns the agent, and how many certificates were revoked.
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `agent_unknown`.
 * @throws ConflictError `agent_banned` where it is banned already.
 */
export async function banAgent(
  tx: Tx,
  ban: { input: BanAgentInput; actor: Actor; now: Date },
): Promise<{ agent: AgentRow; reason: string; revoked: number }> {
  const { actor, now } = ban;
  requirePermission(actor, "agents.register");
  const { name, reason } = banAgentInput.parse(ban.input);
  const agent = await agentByName(tx, name);
  await claimTurn(tx, agent.id);
  const changed = await tx
    .update(agents)
    .set({ banned: true })
    .where(and(eq(agents.id, agent.id), eq(agents.banned, false)))
    .returning({ id: agents.id });
  if (changed.length === 0)
    throw new ConflictError("agent_banned", `${name} is banned already.`, { agent: name });
  const revoked = await revokeAgentCredentials(tx, { agentId: agent.id, reason: "banned", actor, now });
  await appendRecord(tx, { kind: "agent.banned", actor, now, agent, details: { reason, revoked } });
  await notify(tx, "agent", agent.id);
  return { agent, reason, revoked };
}
