import type { Database, Tx } from "../../../db/client.ts";
import { edgeKey, type ZoneMap } from "./engine/decide-peer.ts";
import { allZones } from "./store.ts";

/** Everything `decidePeer` needs: agents are peers by name and by DID, in their own zone. */
export async function loadZoneMap(db: Database | Tx): Promise<ZoneMap> {
  const { peers, edges, agents } = await allZones(db);
  return {
    peers: new Map([
      ...agents.flatMap(({ name, did, zone }) => [[name, zone] as const, [did, zone] as const]),
      ...peers.map(({ name, zone }) => [name, zone] as const),
    ]),
    edges: new Map(edges.map(({ fromZone, toZone, reason }) => [edgeKey(fromZone, toZone), reason])),
  };
}
