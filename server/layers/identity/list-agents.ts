import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { type AgentPage, agentSummary, type ListAgentsInput, listAgentsInput } from "./schema.ts";
import { agentPageRows, countAgents } from "./store-lists.ts";

/** A page of agents in order of name; `nextCursor` is null on the last page. */
export async function listAgents(ctx: VerbContext, input: ListAgentsInput): Promise<AgentPage> {
  requirePermission(ctx.actor, "agents.read");
  const { cursor, limit, ...filter } = listAgentsInput.parse(input);
  const rows = await agentPageRows(ctx.db, { ...filter, after: cursor, limit: limit + 1, now: ctx.now });
  const page = rows.slice(0, limit).map((row) => agentSummary.parse(row));
  return {
    agents: page,
    nextCursor: rows.length > limit ? (page.at(-1)?.name ?? null) : null,
    total: await countAgents(ctx.db, filter),
  };
}
