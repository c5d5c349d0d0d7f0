/** Who did something. One union reaches every verb and every audit record. */
export type Actor =
  | {
      type: "operator";
      id: string;
      email: string;
      roles: readonly string[];
      sessionId: string | null;
      apiKeyId?: string;
    }
  | { type: "agent"; id: string; name: string; did: string }
  | { type: "system"; id: string };

/** The actor as it is written into audit records: stable ids, never a session or a key. */
export function actorRecord(actor: Actor): { type: Actor["type"]; id: string; name: string } {
  switch (actor.type) {
    case "operator":
      return { type: "operator", id: actor.id, name: actor.email };
    case "agent":
      return { type: "agent", id: actor.did, name: actor.name };
    case "system":
      return { type: "system", id: actor.id, name: actor.id };
  }
}
