import type { Database, Tx } from "../../db/client.ts";
import { notify } from "../../db/listen.ts";
import type { Actor } from "../kernel/actor.ts";
import { ForbiddenError } from "../kernel/errors.ts";
import type { ReceivedSignal, SignalEvent, SignalKind } from "../layers/monitoring/signal-schema.ts";
import { countSignals, lockSource, type SourceRow } from "../layers/monitoring/signal-source-store.ts";
import { keepSightings } from "./note-sightings.ts";
import { followStreams } from "./receive-signals/follow-streams.ts";
import { keepHealth, recordSignals } from "./receive-signals/keep-health.ts";
import { type By, type Placed, placeSignal } from "./receive-signals/place-signal.ts";
import { type Item, readEvents } from "./receive-signals/read-events.ts";
import { type Told, tellApart } from "./receive-signals/tell-apart.ts";

export type SignalRequest = {
  /** Attacker-controlled, bounded by the door. */
  body: Buffer;
  /** The signed id of the message, where it was signed. */
  messageId: string | null;
  sourceIp: string;
  /** A trial from the settings: it is kept and mapped, and raises nothing. */
  test?: boolean;
};

/**
 * Takes what a source that proved itself sends: each event once, whatever is sent again, and nothing lost. What cannot
 * be read is kept with the reason, what has no agent is kept as unmapped. One request is one record.
 *
 * @returns for each event what was made of it, now or when it first came.
 * @throws ForbiddenError `signal_source_disabled`.
 */
export async function receiveSignals(
  ctx: { db: Database; actor: Actor; now: Date },
  source: SourceRow,
  request: SignalRequest,
): Promise<ReceivedSignal[]> {
  const { actor, now } = ctx;
  const items = readEvents(source.kind as SignalKind, request.body, request.messageId);
  const by: By = { actor, now, sourceIp: request.sourceIp, test: request.test ?? false };
  // What was all received before is answered without waiting for anybody.
  const known = (await tellApart(ctx.db, source, items)).flatMap(({ before }) => before ?? []);
  if (source.enabled && items.length > 0 && known.length === items.length) {
    await countSignals(ctx.db, source.id, now, { repeated: known.length });
    return known;
  }
  return ctx.db.transaction(async (tx) => {
    const held = await lockSource(tx, source.id);
    if (!held.enabled) throw disabledError(held);
    return take(tx, held, items, by);
  });
}

/** What a source that is switched off is told. */
export function disabledError({ name }: Pick<SourceRow, "name">): ForbiddenError {
  return new ForbiddenError(
    "signal_source_disabled",
    `${name} is switched off: nothing is taken from it until an administrator switches it on.`,
  );
}

async function take(tx: Tx, source: SourceRow, items: readonly Item[], by: By): Promise<ReceivedSignal[]> {
  const told = await tellApart(tx, source, items);
  const placed = new Map<string, Placed & { eventId: string; digest: string }>();
  for (const { item, before, again } of told)
    if (!before && !again && !item.read.event?.heartbeat)
      placed.set(item.eventId, {
        ...(await placeSignal(tx, source, item, by)),
        eventId: item.eventId,
        digest: item.digest,
      });
  const answers = told.map((one) => answerOf(one, placed));
  const tally: Record<string, number> = {};
  for (const { repeated, outcome } of answers) {
    const what = repeated ? "repeated" : outcome;
    tally[what] = (tally[what] ?? 0) + 1;
  }
  const fresh: SignalEvent[] = told.flatMap(({ item, before, again }) =>
    before || again ? [] : (item.read.event ?? []),
  );
  const gaps = by.test ? [] : await followStreams(tx, source, fresh, by);
  const kept = [...placed.values()];
  const sightings = kept.flatMap(({ sighting }) => sighting ?? []);
  if (sightings.length > 0) await keepSightings(tx, sightings, by);
  if (!by.test) await keepHealth(tx, source, fresh, tally, by);
  const isChange = kept.length > 0 || gaps.length > 0 || source.silentSince !== null;
  if (isChange) await recordSignals(tx, source, { placed: kept, tally, gaps }, by);
  await notify(tx, "signal", source.id);
  return answers;
}

function answerOf({ item, before, again }: Told, placed: ReadonlyMap<string, Placed>): ReceivedSignal {
  if (before) return before;
  const { id = null, outcome = "heartbeat" as const, reason = null } = placed.get(item.eventId) ?? {};
  return { id, outcome, reason, repeated: again };
}
