import type { Database, Tx } from "../../../db/client.ts";
import type { Elder } from "./engine/decide-scopes.ts";
import { type AgentRow, liveGrants } from "./store.ts";

/** Those above an agent with the grants that live, in the line's order: what a child's scopes are measured by. */
export async function elders(db: Database | Tx, line: readonly AgentRow[], now: Date): Promise<Elder[]> {
  const held = await liveGrants(
    db,
    line.map(({ id }) => id),
    now,
  );
  return line.map(({ id, name, status, banned }) => ({
    ...{ name, status, banned },
    grants: held.filter((grant) => grant.agentId === id),
  }));
}
