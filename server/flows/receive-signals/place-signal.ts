import type { Tx } from "../../../db/client.ts";
import type { Actor } from "../../kernel/actor.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { readableClaim } from "../../layers/identity/engine/claimed-identity.ts";
import type { Sighting } from "../../layers/identity/shadow-schema.ts";
import { networkOf } from "../../layers/monitoring/engine/network.ts";
import {
  candidatesOf,
  chooseAgent,
  type KnownAgent,
  type Mapped,
} from "../../layers/monitoring/engine/signals/map-signal.ts";
import { raiseAlert } from "../../layers/monitoring/raise-alert.ts";
import { ALERT_SEVERITIES, type AlertSeverity } from "../../layers/monitoring/schema.ts";
import type { Matched, SignalEvent } from "../../layers/monitoring/signal-schema.ts";
import { mappingOf, type SourceRow } from "../../layers/monitoring/signal-source-store.ts";
import { insertSignal, loadDirectory, type NewSignal } from "../../layers/monitoring/signal-store.ts";
import type { Item } from "./read-events.ts";

export type By = { actor: Actor; now: Date; sourceIp: string; test: boolean };
export type Placed = {
  id: string;
  outcome: "mapped" | "unmapped" | "held";
  reason: string | null;
  agent: KnownAgent | null;
  sighting: Sighting | null;
};

const rank = (severity: AlertSeverity) => ALERT_SEVERITIES.indexOf(severity);
const FIELDS_TOLD_MAX = 40;

/** Keeps one event with what was made of it: its agent by the source's mapping, and an alert where it is grave enough. */
export async function placeSignal(tx: Tx, source: SourceRow, item: Item, by: By): Promise<Placed> {
  const id = uuidv7(by.now.getTime());
  const kept = {
    ...{ id, sourceId: source.id, eventId: item.eventId, digest: item.digest, payload: item.payload },
    ...{ receivedAt: by.now, test: by.test },
  };
  const { event } = item.read;
  if (!event) {
    const { reason } = item.read as { reason: string };
    await insertSignal(tx, { ...kept, outcome: "held", reason, tags: [] });
    return { id, outcome: "held", reason, agent: null, sighting: null };
  }
  const candidates = candidatesOf(mappingOf(source), event.fields);
  const mapped = chooseAgent(candidates, await loadDirectory(tx, candidates, by.now), event.fields);
  const alertId = await alertOf(tx, source, { id, event, mapped }, by);
  const reason = mapped.agent ? null : mapped.reason;
  const outcome = mapped.agent ? "mapped" : "unmapped";
  await insertSignal(tx, {
    ...kept,
    ...columnsOf(event, by.now),
    ...{ outcome, reason, alertId },
    ...whoOf(mapped),
  });
  return { id, outcome, reason, agent: mapped.agent, sighting: sightingOf(source, mapped, id, by) };
}

function columnsOf(event: SignalEvent, now: Date): Partial<NewSignal> & { tags: string[] } {
  const { occurredAt, rule, priority, severity, title, tags, stream, sequence } = event;
  const lagMs = occurredAt && now.getTime() - occurredAt.getTime();
  return { occurredAt, lagMs, rule, priority, severity, title, tags, stream: stream || null, sequence };
}

const whoOf = ({ agent, matched }: Mapped) => ({ agentId: agent?.id ?? null, matched });

async function alertOf(
  tx: Tx,
  source: SourceRow,
  { id, event, mapped }: { id: string; event: SignalEvent; mapped: Mapped },
  { actor, now, test }: By,
): Promise<string | null> {
  if (test || rank(event.severity) < rank(source.alertFrom as AlertSeverity)) return null;
  const { alertId } = await raiseAlert(tx, {
    agentId: mapped.agent?.id ?? null,
    kind: "rule",
    rule: `signal:${source.name}:${event.rule}`,
    severity: event.severity,
    title: `${source.name}: ${event.rule}`,
    detail: {
      ...{ signalId: id, sourceId: source.id, source: source.name, kind: source.kind },
      ...{ rule: event.rule, priority: event.priority, says: event.title },
      tags: event.tags,
      mitre: event.tags.filter((tag) => /^(mitre|t\d{4}|ta\d{4})/i.test(tag)),
      occurredAt: event.occurredAt?.toISOString() ?? null,
      ...(mapped.agent
        ? { mappedBy: wordsOf(mapped.matched) }
        : { claimed: mapped.claimed, reason: mapped.reason }),
      // As texts: the alert's page shows lists of texts as they are.
      fields: [...event.fields].slice(0, FIELDS_TOLD_MAX).map(([name, value]) => `${name}=${value}`),
    },
    actor,
    now,
  });
  return alertId;
}

const wordsOf = ({ rule, field, value }: Matched) => `${rule}: ${field} = ${value}`;

/** Whom a signal tells of and Vigil does not know: a finding, unless the source's settings say otherwise. */
function sightingOf(source: SourceRow, mapped: Mapped, signalId: string, by: By): Sighting | null {
  if (mapped.agent || !mapped.claimed || !source.findUnknown || by.test) return null;
  return {
    way: "signal",
    claimed: readableClaim(mapped.claimed),
    issuer: `signals of ${source.name}`,
    evidence: signalId,
    network: networkOf(by.sourceIp),
    ...{ count: 1, firstAt: by.now, lastAt: by.now },
  };
}
