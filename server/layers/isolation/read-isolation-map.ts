import { requirePermission } from "../../access/permissions.ts";
import type { VerbContext } from "../../access/verb-context.ts";
import { edgeKey } from "./engine/decide-peer.ts";
import type { IsolationMap } from "./schema.ts";
import { allZones, currentConfirmations, isolationRows, liveGateways, observedPeers } from "./store.ts";

const OBSERVED_MS = 2 * 3_600_000;
const GATEWAY_ALIVE_MS = 5_000;

/** The zones, what may and what did reach what, and how each agent stands. Registered, non-retired agents only. */
export async function readIsolationMap(ctx: VerbContext): Promise<IsolationMap> {
  requirePermission(ctx.actor, "agents.read");
  const ago = (ms: number) => new Date(ctx.now.getTime() - ms);
  const [{ zones, peers, edges, agents }, states, confirmations, gateways, seen] = await Promise.all([
    allZones(ctx.db),
    isolationRows(ctx.db),
    currentConfirmations(ctx.db),
    liveGateways(ctx.db, ago(GATEWAY_ALIVE_MS)),
    observedPeers(ctx.db, ago(OBSERVED_MS)),
  ]);
  const allowed = new Set(edges.map(({ fromZone, toZone }) => edgeKey(fromZone, toZone)));
  const zoneOf = new Map([
    ...agents.flatMap(({ name, did, zone }) => [[name, zone] as const, [did, zone] as const]),
    ...peers.map(({ name, zone }) => [name, zone] as const),
  ]);
  const stateOf = new Map(states.map((row) => [row.agentId, row]));
  return {
    zones,
    peers,
    edges: edges.map(({ fromZone, toZone, reason }) => ({ from: fromZone, to: toZone, reason })),
    observed: seen.map(({ zone, peer, calls }) => {
      const to = zoneOf.get(peer) ?? null;
      return { from: zone, to, peer, calls, allowed: to !== null && allowed.has(edgeKey(zone, to)) };
    }),
    agents: agents.map(({ id, name, zone }) => {
      const row = stateOf.get(id);
      return {
        id,
        name,
        zone,
        state: row?.state ?? "open",
        limitPerMinute: row?.limitPerMinute ?? null,
        epoch: row?.epoch ?? 0,
        reason: row?.reason ?? "",
        changedAt: row?.changedAt ?? null,
        changedBy: row?.changedBy ?? null,
        confirmations: confirmations
          .filter((confirmation) => confirmation.agentId === id)
          .map(({ gatewayId, connectionsCut, confirmedAt }) => ({ gatewayId, connectionsCut, confirmedAt })),
      };
    }),
    gateways,
  };
}
