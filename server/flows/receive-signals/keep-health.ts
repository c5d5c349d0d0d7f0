import { eq, sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { signalSources } from "../../../db/schema/index.ts";
import { appendRecord } from "../../layers/audit/append.ts";
import type { SignalEvent, SignalGap } from "../../layers/monitoring/signal-schema.ts";
import { countSignals, type SourceRow } from "../../layers/monitoring/signal-source-store.ts";
import type { By, Placed } from "./place-signal.ts";

/** That a source was heard, how late its newest event came, and what became of its events. */
export async function keepHealth(
  tx: Tx,
  source: SourceRow,
  events: readonly SignalEvent[],
  tally: Readonly<Record<string, number>>,
  { now }: By,
): Promise<void> {
  const newest = events.reduce<Date | null>(
    (at, { occurredAt }) => (occurredAt && (!at || occurredAt > at) ? occurredAt : at),
    null,
  );
  await tx
    .update(signalSources)
    .set({
      heardAt: sql`greatest(${signalSources.heardAt}, ${now})`,
      receivedAt: sql`greatest(${signalSources.receivedAt}, ${now})`,
      silentSince: null,
      ...(newest ? { lagMs: now.getTime() - newest.getTime() } : {}),
    })
    .where(eq(signalSources.id, source.id));
  await countSignals(tx, source.id, now, tally);
}

/** The one record of a request: what came, and what each event was taken for. */
export async function recordSignals(
  tx: Tx,
  source: SourceRow,
  request: {
    placed: readonly (Placed & { eventId: string; digest: string })[];
    tally: Record<string, number>;
    gaps: readonly SignalGap[];
  },
  { actor, now, test }: By,
): Promise<void> {
  const { placed, tally, gaps } = request;
  const agents = new Map(placed.flatMap(({ agent }) => (agent ? [[agent.id, agent] as const] : [])));
  const [only] = agents.values();
  await appendRecord(tx, {
    kind: "signals.received",
    actor,
    now,
    ...(only && agents.size === 1 ? { agent: { id: only.id, did: only.did } } : {}),
    details: {
      ...{ sourceId: source.id, source: source.name, counts: tally, test: test || undefined },
      signals: placed.map(({ id, eventId, digest, outcome, reason, agent }) => ({
        ...{ id, eventId, digest, outcome, agent: agent?.did, reason: reason ?? undefined },
      })),
      gaps: gaps.length > 0 ? gaps.slice(0, 20) : undefined,
      silentSince: source.silentSince?.toISOString(),
    },
    subjects: [`signal-source:${source.id}`],
  });
}
