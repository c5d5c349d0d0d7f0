import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_EDGES, DEFAULT_ZONES } from "../default-zones.ts";
import { decidePeer, edgeKey, type ZoneMap } from "./decide-peer.ts";

const zones: ZoneMap = {
  peers: new Map([
    ["core-banking", "shared"],
    ["mail", "external"],
    ["payments-1", "a"],
    ["did:bank:agent:payments-1", "a"],
  ]),
  edges: new Map(DEFAULT_EDGES.map(({ fromZone, toZone, reason }) => [edgeKey(fromZone, toZone), reason])),
};
const decide = (agentZone: string, peer?: string) => decidePeer({ agentZone, peer, zones });

describe("decidePeer", () => {
  test("an edge allows its own direction, and says why", () => {
    expect(decide("b", "payments-1")).toMatchObject({ outcome: "allow" });
    expect(decide("b", "did:bank:agent:payments-1").outcome).toBe("allow");
    expect(decide("a", "core-banking").checks.at(-1)?.detail).toBe(
      "Zone a may reach zone shared: payments and cards are kept in shared services.",
    );
    expect(decide("c", "payments-1")).toMatchObject({ outcome: "deny" });
    expect(decide("a", "mail").checks.at(-1)).toEqual({
      id: "zone-edge",
      passed: false,
      detail: "Zone a may not reach zone external: no edge allows it.",
    });
  });

  test("a peer that nobody registered is denied, whatever its name", () => {
    fc.assert(
      fc.property(fc.string(), (peer) => {
        fc.pre(!zones.peers.has(peer));
        const decision = decide("a", peer);
        expect(decision.outcome).toBe("deny");
        expect(decision.checks[0]?.detail.length).toBeLessThan(200);
      }),
    );
    expect(decide("a", "constructor").outcome).toBe("deny");
    expect(decide("a", "").outcome).toBe("deny");
  });

  test("an action without a peer stays inside", () => {
    expect(decide("a").outcome).toBe("allow");
  });

  test("an agent of an unknown zone reaches nobody", () => {
    for (const peer of zones.peers.keys()) expect(decide("z", peer).outcome).toBe("deny");
  });

  test("by default nothing but zone C reaches the outside, and nothing reaches zone C from outside it", () => {
    const reaching = (zone: string) => DEFAULT_EDGES.filter((e) => e.toZone === zone).map((e) => e.fromZone);
    expect(reaching("external")).toEqual(["c"]);
    expect(reaching("c")).toEqual(["c"]);
    const known = DEFAULT_ZONES.map(({ name }) => name as string);
    expect(DEFAULT_EDGES.every((e) => known.includes(e.fromZone) && known.includes(e.toZone))).toBe(true);
  });
});
