import type { z } from "zod";
import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import {
  listConnectionsInput,
  type ObservedConnection,
  type ObservedConnections,
  type TlsVersion,
  tlsPolicyFrom,
} from "./connection-schema.ts";
import { isAllowed, policyLines } from "./engine/judge-connection.ts";
import { agentByName } from "./store.ts";
import { type ConnectionRow, connectionRows } from "./store-connections.ts";

/**
 * What an agent's connections negotiated, newest outcome first, each with its certificates.
 *
 * @param lowest the lowest version that the doors take now.
 * @throws NotFoundError `agent_unknown`.
 */
export async function listConnections(
  ctx: VerbContext,
  input: z.input<typeof listConnectionsInput>,
  lowest: TlsVersion,
): Promise<ObservedConnections> {
  requirePermission(ctx.actor, "agents.read");
  const { name } = listConnectionsInput.parse(input);
  const agent = await agentByName(ctx.db, name);
  const rows = await connectionRows(ctx.db, agent.id);
  const policy = tlsPolicyFrom(lowest);
  const outcomes = Map.groupBy(rows, (row) => [row.path, row.version, row.cipher, row.keyExchange].join(" "));
  const connections = [...outcomes.values()].map((same): ObservedConnection => {
    const { path, version, cipher, keyExchange } = same[0] as ConnectionRow;
    return {
      path: path === "hop" ? "hop" : "direct",
      ...{ version, cipher, keyExchange, allowed: isAllowed(policy, { version, cipher, keyExchange }) },
      count: same.reduce((sum, row) => sum + row.count, 0),
      resumed: same.reduce((sum, row) => sum + row.resumed, 0),
      firstSeenAt: new Date(Math.min(...same.map((row) => row.firstSeenAt.getTime()))),
      lastSeenAt: new Date(Math.max(...same.map((row) => row.lastSeenAt.getTime()))),
      certificates: same.map(({ thumbprint, count, lastSeenAt }) => ({ thumbprint, count, lastSeenAt })),
    };
  });
  return { connections, policy: policyLines(policy) };
}
