import type { Database, Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import type { Actor } from "../kernel/actor.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { isMany, placeSightings } from "../layers/identity/engine/place-sightings.ts";
import type { ShadowWay, Sighting } from "../layers/identity/shadow-schema.ts";
import { addSightings, holdSightings, ofAgents, placedSightings } from "../layers/identity/store-shadow.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";
import type { AlertSeverity } from "../layers/monitoring/schema.ts";

type Asked = Parameters<typeof ofAgents>[1];

const ACTOR: Actor = { type: "system", id: "gateway" };

const WORDS: Record<ShadowWay, { severity: AlertSeverity; title: string }> = {
  certificate_unknown: {
    severity: "critical",
    title: "A certificate of Vigil's own authority that belongs to no agent",
  },
  certificate_foreign: {
    severity: "medium",
    title: "A certificate of another authority at the agents' door",
  },
  token_subject: { severity: "high", title: "An access token of an agent that nobody registered" },
  client_id: {
    severity: "high",
    title: "A token was asked for in the name of an agent that nobody registered",
  },
  signature_key: { severity: "high", title: "A request was signed with a key that is no agent's" },
  enrolment: { severity: "medium", title: "An enrolment of an agent that nobody registered" },
  signal: { severity: "medium", title: "Another system tells of an identity that is no agent's" },
};

/**
 * Keeps what unknown identities did at the doors, each a finding, and raises an alert for a new one: once, whatever it
 * does later and whatever people decide. What turns out to be an agent's after all is left out: a gateway hears of a
 * new certificate a moment after another issued it.
 */
export async function noteSightings(db: Database, sightings: readonly Sighting[], now: Date): Promise<void> {
  if (sightings.length === 0) return;
  await db.transaction((tx) => keepSightings(tx, sightings, { actor: ACTOR, now }));
}

/** The same in the caller's transaction: gateways wait for its end. */
export async function keepSightings(
  tx: Tx,
  sightings: readonly Sighting[],
  by: { actor: Actor; now: Date },
): Promise<void> {
  await holdSightings(tx);
  const strangers = await withoutAgents(tx, sightings);
  if (strangers.length === 0) return;
  const rows = placeSightings(strangers, await placedSightings(tx, strangers)).map((row) => ({
    ...row,
    id: uuidv7(by.now.getTime()),
  }));
  const added = await addSightings(tx, rows);
  for (const row of rows) if (added.has(row.id)) await tell(tx, row, by);
  await notify(tx, "agent", "shadow");
}

/** What of a sighting an agent would be known by. */
function knownBy({ way, evidence, claimed }: Sighting): { by: keyof Asked; value: string } {
  switch (way) {
    case "certificate_unknown":
    // A certificate of our own that ended, or whose authority was revoked, fails the handshake like a foreign one.
    case "certificate_foreign":
      return { by: "thumbprints", value: evidence };
    case "signature_key":
      return { by: "keyIds", value: evidence };
    case "token_subject":
    case "client_id":
      return { by: "dids", value: claimed };
    case "enrolment":
    case "signal":
      return { by: "names", value: claimed };
  }
}

async function withoutAgents(tx: Tx, sightings: readonly Sighting[]): Promise<Sighting[]> {
  const asked: Asked = { thumbprints: [], keyIds: [], dids: [], names: [] };
  for (const sighting of sightings) {
    const known = knownBy(sighting);
    asked[known.by].push(known.value);
  }
  const ofAgent = await ofAgents(tx, asked);
  return sightings.filter((sighting) => {
    const known = knownBy(sighting);
    return !ofAgent[known.by].has(known.value);
  });
}

async function tell(
  tx: Tx,
  row: Sighting & { id: string },
  { actor, now }: { actor: Actor; now: Date },
): Promise<void> {
  const { id, way, claimed, issuer, evidence, network } = row;
  const details = { shadowAgentId: id, ...{ way, claimed, issuer, evidence, network } };
  await appendRecord(tx, {
    kind: "shadow-agent.sighted",
    actor,
    now,
    details,
    subjects: [`shadow-agent:${id}`],
  });
  const { severity, title } = WORDS[way];
  await raiseAlert(tx, {
    agentId: null,
    kind: "identity",
    rule: `shadow_agent.${way}`,
    severity,
    title: isMany(row) ? `${title}: many from ${network}` : title,
    detail: details,
    actor,
    now,
  });
}
