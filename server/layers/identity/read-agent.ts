import { agentsAbove, agentsBelow } from "../../../db/family.ts";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { type AgentDetail, agentDetail } from "./schema.ts";
import { credentialHistory, refusedRequestsOf } from "./store.ts";
import { agentPageRows } from "./store-lists.ts";

const CREDENTIALS_SHOWN = 30;
const REFUSALS_SHOWN = 10;

/**
 * One agent with its family, its newest credentials and the renewals that were refused.
 *
 * @throws NotFoundError `agent_unknown`.
 */
export async function readAgent(ctx: VerbContext, input: { name: string }): Promise<AgentDetail> {
  requirePermission(ctx.actor, "agents.read");
  const [agent] = await agentPageRows(ctx.db, { name: input.name, limit: 1, now: ctx.now });
  if (!agent)
    throw new NotFoundError("agent_unknown", `There is no agent ${input.name}.`, { agent: input.name });
  const refused = await refusedRequestsOf(ctx.db, agent.id, REFUSALS_SHOWN);
  const above = await agentsAbove(ctx.db, agent.id);
  const below = await agentsBelow(ctx.db, agent.id);
  const nameOf = new Map([agent, ...below].map((it) => [it.id, it.name]));
  return agentDetail.parse({
    ...agent,
    above,
    below: below.map((it) => ({ ...it, parentName: nameOf.get(it.parentId ?? "") })),
    credentials: await credentialHistory(ctx.db, agent.id, CREDENTIALS_SHOWN),
    refusedRequests: refused.map((request) => ({
      purpose: request.purpose,
      at: request.answeredAt,
      code: request.errorCode,
      detail: request.errorDetail,
    })),
  });
}
