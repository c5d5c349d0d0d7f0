import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { suggestedName } from "./engine/claimed-identity.ts";
import { isMany } from "./engine/place-sightings.ts";
import {
  type ListShadowAgentsInput,
  listShadowAgentsInput,
  type ShadowAgentPage,
  shadowAgent,
} from "./shadow-schema.ts";
import { shadowCounts, shadowRows } from "./store-shadow.ts";

/** A page of the unknown identities that showed themselves at the doors, last seen first. */
export async function listShadowAgents(
  ctx: VerbContext,
  input: ListShadowAgentsInput,
): Promise<ShadowAgentPage> {
  requirePermission(ctx.actor, "agents.read");
  const { limit, cursor, ...filter } = listShadowAgentsInput.parse(input);
  const [at = "", id = ""] = cursor?.split("|") ?? [];
  const after = cursor ? { lastSeenAt: new Date(at), id } : null;
  const rows = await shadowRows(ctx.db, filter, after, limit + 1);
  const counts = await shadowCounts(ctx.db, filter);
  const shadowAgents = rows.slice(0, limit).map(({ agentName, agentId, ...row }) =>
    shadowAgent.parse({
      ...row,
      many: isMany(row),
      agent: agentId && agentName ? { id: agentId, name: agentName } : null,
      suggestedName: isMany(row) ? null : suggestedName(row.claimed),
    }),
  );
  const last = rows.length > limit ? shadowAgents.at(-1) : undefined;
  return { shadowAgents, nextCursor: last ? `${last.lastSeenAt.toISOString()}|${last.id}` : null, ...counts };
}
