import type { Tx } from "../../../db/client.ts";
import type { Actor } from "../../kernel/actor.ts";
import {
  followLosses,
  followSequence,
  NEW_STREAM,
} from "../../layers/monitoring/engine/signals/follow-stream.ts";
import { raiseAlert } from "../../layers/monitoring/raise-alert.ts";
import { SIGNAL_LIMITS, type SignalEvent, type SignalGap } from "../../layers/monitoring/signal-schema.ts";
import { keepStream, type SourceRow, streamOf } from "../../layers/monitoring/signal-source-store.ts";

type Opened = SignalGap & { stream: string };

/**
 * Follows the numbers and counters of these events and raises an alert where something is missing that was not before.
 * Streams beyond what a source may have are not followed.
 *
 * @returns the gaps that these events opened.
 */
export async function followStreams(
  tx: Tx,
  source: SourceRow,
  events: readonly SignalEvent[],
  by: { actor: Actor; now: Date },
): Promise<Opened[]> {
  const opened: Opened[] = [];
  const streams = Map.groupBy(
    events.filter(({ sequence, lost }) => sequence !== null || lost !== null),
    (event) => event.stream,
  );
  for (const [stream, told] of streams) {
    const found = await streamOf(tx, source.id, stream, SIGNAL_LIMITS.streamsMax);
    if (found.full) continue;
    let state = found.state ?? NEW_STREAM;
    for (const { sequence, lost } of told) {
      const steps = [
        ...(sequence === null ? [] : [followSequence(state, sequence, by.now)]),
        ...(lost === null ? [] : [followLosses(state, lost, by.now)]),
      ];
      for (const step of steps) {
        state = step.state;
        if (step.opened) opened.push({ ...step.opened, stream });
      }
    }
    await keepStream(tx, source.id, stream, state, by.now);
  }
  if (opened.length > 0) await tell(tx, source, opened, by);
  return opened;
}

async function tell(
  tx: Tx,
  source: SourceRow,
  gaps: readonly Opened[],
  by: { actor: Actor; now: Date },
): Promise<void> {
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  await raiseAlert(tx, {
    agentId: null,
    kind: "rule",
    rule: `signal-gap:${source.name}`,
    severity: "medium",
    title: `${missing} ${missing === 1 ? "event" : "events"} of ${source.name} never came`,
    detail: {
      ...{ sourceId: source.id, source: source.name },
      missing: gaps.slice(0, 20).map((gap) => `${gap.stream || "-"} ${gap.kind} ${gap.first} to ${gap.last}`),
    },
    ...by,
  });
}
