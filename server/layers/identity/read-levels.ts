import { requirePermission } from "../../access/permissions.ts";
import { heldAttestationKeys } from "./attestation-keys.ts";
import type { FactsContext } from "./attester.ts";
import { judgeLevel } from "./engine/judge-level.ts";
import { type AgentLevel, readLevelsInput } from "./facts-schema.ts";
import { agentsByNames } from "./facts-store.ts";
import { loadFacts } from "./load-facts.ts";

/**
 * The effective level of each named agent, in no particular order; names of no agent are left out. The level
 * claimed is not told here: lists show what is borne out.
 *
 * @throws ForbiddenError `not_permitted`.
 */
export async function readLevels(ctx: FactsContext, input: { names: string[] }): Promise<AgentLevel[]> {
  requirePermission(ctx.actor, "agents.read");
  const { names } = readLevelsInput.parse(input);
  const keys = await heldAttestationKeys(ctx.keys);
  const agents = await agentsByNames(ctx.db, names);
  const loaded = await loadFacts(ctx.db, agents, { now: ctx.now, keys });
  return loaded.map(({ agent, facts }) => ({ agent: agent.name, effective: judgeLevel(facts).effective }));
}
