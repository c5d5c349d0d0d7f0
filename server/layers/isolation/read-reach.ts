import type { Database } from "../../../db/client.ts";
import { edgeKey } from "./engine/decide-peer.ts";
import { allZones } from "./store.ts";

/** The systems and agents that an agent of a zone may reach, itself left out, in order of name. */
export async function readReach(
  db: Database,
  from: { id: string; zone: string },
): Promise<{ name: string; zone: string }[]> {
  const { peers, edges, agents } = await allZones(db);
  const allowed = new Set(edges.map(({ fromZone, toZone }) => edgeKey(fromZone, toZone)));
  return [...peers, ...agents.filter(({ id }) => id !== from.id)]
    .filter(({ zone }) => allowed.has(edgeKey(from.zone, zone)))
    .map(({ name, zone }) => ({ name, zone }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
