import type { Check, Decision } from "../../../kernel/decision.ts";

/** Who stands where, and which zone may reach which. What is in neither is denied. */
export type ZoneMap = {
  /** Zone of each peer: systems by name, agents by name and by DID. */
  peers: ReadonlyMap<string, string>;
  /** Allowed edges, as `edgeKey(from, to)`, with the reason each was allowed for. */
  edges: ReadonlyMap<string, string>;
};

export function edgeKey(from: string, to: string): string {
  return `${from}>${to}`;
}

/**
 * Whether an agent of a zone may reach a peer: default deny, one named edge per direction. An action that
 * names no peer stays inside its own zone.
 */
export function decidePeer(facts: {
  agentZone: string;
  peer?: string | undefined;
  zones: ZoneMap;
}): Decision {
  const { agentZone, peer, zones } = facts;
  if (peer === undefined)
    return decision({ id: "peer-zone", passed: true, detail: "The action reaches no peer." });
  const peerZone = zones.peers.get(peer);
  if (peerZone === undefined)
    return decision({
      id: "peer-known",
      passed: false,
      detail: `${quote(peer)} stands in no zone. Register the peer, or correct its name.`,
    });
  const known: Check = {
    id: "peer-known",
    passed: true,
    detail: `${quote(peer)} stands in zone ${peerZone}.`,
  };
  const reason = zones.edges.get(edgeKey(agentZone, peerZone));
  return decision(known, {
    id: "zone-edge",
    passed: reason !== undefined,
    detail:
      reason !== undefined
        ? `Zone ${agentZone} may reach zone ${peerZone}: ${reason}`
        : `Zone ${agentZone} may not reach zone ${peerZone}: no edge allows it.`,
  });
}

function decision(...checks: Check[]): Decision {
  return { outcome: checks.every((check) => check.passed) ? "allow" : "deny", checks };
}

/** The peer's name comes from the agent: it is cut before it reaches a screen. */
function quote(peer: string): string {
  return `“${peer.length > 80 ? `${peer.slice(0, 80)}…` : peer}”`;
}
