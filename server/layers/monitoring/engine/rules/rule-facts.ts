/** What the rules look at in one action. `network` and `certificate` are the gateway's own knowledge. */
export type RuleFacts = {
  action: string;
  /** Milliseconds since 1970: when the agent says it happened, and when it arrived. */
  atMs: number;
  receivedMs: number;
  endpoint?: string | undefined;
  transactionId?: string | undefined;
  bytes?: number | undefined;
  dataAccessed?: readonly string[] | undefined;
  subjects?: readonly string[] | undefined;
  /** Whether the peer stands outside the bank; absent where the action reaches none. */
  peer?: "inside" | "outside" | undefined;
  refused: boolean;
  /** Scopes of the token it came with. */
  scopes: readonly string[];
  /** Thumbprint of the transport certificate of the request. */
  certificate: string;
  /** The network that the gateway saw the request come from. */
  network: string;
};

/** What the rules know of an agent. */
export type RuleAgent = { name: string; kind: string; zone: string; criticality: string };

/** The zone of what is not the bank's. A peer that stands in no zone is as far away. */
export const OUTSIDE_ZONE = "external";

/** Where a peer stands, by its zone: undefined where the action names none, null where it stands in no zone. */
export function sideOf(peer: string | undefined, zone: string | undefined): RuleFacts["peer"] {
  if (peer === undefined) return undefined;
  return zone === undefined || zone === OUTSIDE_ZONE ? "outside" : "inside";
}
