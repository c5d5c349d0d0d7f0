import { and, desc, eq, inArray, ne, or, type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agents, alerts, signalSources, signals } from "../../../db/schema/index.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import type { AgentDirectory, Candidate, KnownAgent } from "./engine/signals/map-signal.ts";
import { type SignalView, signalView } from "./signal-source-schema.ts";

type Source = Database | Tx;
export type NewSignal = typeof signals.$inferInsert;

/** How long an agent counts as acting from a network. */
const NETWORK_MS = 86_400_000;
/** Of each agent, how many of its newest minutes are looked at. */
const WINDOWS_EACH_MAX = 60;

/** Of these events of a source, those that were received before, by their ids. */
export async function receivedBefore(
  db: Source,
  sourceId: string,
  eventIds: readonly string[],
): Promise<Map<string, { id: string; outcome: string; reason: string | null; digest: string }>> {
  const rows = await db
    .select({
      eventId: signals.eventId,
      id: signals.id,
      outcome: signals.outcome,
      reason: signals.reason,
      digest: signals.digest,
    })
    .from(signals)
    .where(and(eq(signals.sourceId, sourceId), inArray(signals.eventId, [...eventIds])));
  return new Map(rows.map(({ eventId, ...row }) => [eventId, row]));
}

export async function insertSignal(tx: Tx, signal: NewSignal): Promise<void> {
  await tx.insert(signals).values(signal);
}

/** What is known of everybody the candidates may mean. Sources of signals are nobody's agent. */
export async function loadDirectory(
  db: Source,
  candidates: readonly Candidate[],
  now: Date,
): Promise<AgentDirectory> {
  const names = [...new Set(candidates.flatMap((one) => one.names))];
  const networks = [...new Set(candidates.flatMap((one) => (one.network ? [one.network] : [])))];
  const known =
    names.length === 0
      ? []
      : await db
          .select({ id: agents.id, name: agents.name, did: agents.did })
          .from(agents)
          .where(
            and(
              or(inArray(agents.name, names), inArray(agents.did, names)),
              ne(agents.kind, "signal-source"),
            ),
          );
  const byName = new Map<string, KnownAgent>();
  for (const agent of known) byName.set(agent.name, agent).set(agent.did, agent);
  return { byName, byNetwork: networks.length === 0 ? new Map() : await agentsOfNetworks(db, networks, now) };
}

async function agentsOfNetworks(
  db: Source,
  networks: readonly string[],
  now: Date,
): Promise<Map<string, KnownAgent[]>> {
  const since = new Date(now.getTime() - NETWORK_MS);
  const { rows } = await db.execute<KnownAgent & { network: string }>(sql`
    select distinct a.id, a.name, a.did, n.network
    from agents a
    cross join lateral (
      select w.features from feature_windows w
      where w.agent_id = a.id and w.at >= ${since} and w.source = 'live' order by w.at desc limit ${WINDOWS_EACH_MAX}) w
    cross join lateral jsonb_object_keys(coalesce(w.features -> 'networks', '{}'::jsonb)) as n(network)
    where a.last_seen_at >= ${since} and n.network = any(${sql.param([...networks])}::text[])
    order by a.name`);
  const by = new Map<string, KnownAgent[]>();
  for (const { network, ...agent } of rows) by.set(network, [...(by.get(network) ?? []), agent]);
  return by;
}

/** How late the newest signals of the last 24 hours came, by source, ms: of so many of each. */
export async function lagsOfDay(
  db: Source,
  now: Date,
  most = 2_000,
): Promise<Map<string, { median: number; p95: number }>> {
  const since = new Date(now.getTime() - 86_400_000);
  const { rows } = await db.execute<{ id: string; median: number | null; p95: number | null }>(sql`
    select s.id, percentile_cont(0.5) within group (order by n.lag_ms)::float8 as median,
      percentile_cont(0.95) within group (order by n.lag_ms)::float8 as p95
    from signal_sources s
    cross join lateral (
      select lag_ms from signals
      where source_id = s.id and received_at >= ${since} and lag_ms is not null and not test
      order by received_at desc limit ${most}) n
    group by s.id`);
  return new Map(
    rows.flatMap(({ id, median, p95 }) =>
      median === null || p95 === null ? [] : [[id, { median, p95 }] as const],
    ),
  );
}

export type SignalFilter = {
  sourceId?: string | undefined;
  agent?: string | undefined;
  outcome?: string | undefined;
};

/** Signals that pass the filter, newest first, after a place in that order. */
export async function signalRows(
  db: Source,
  filter: SignalFilter,
  after: { receivedAt: Date; id: string } | null,
  limit: number,
): Promise<SignalView[]> {
  const conditions: (SQL | undefined)[] = [
    filter.sourceId ? eq(signals.sourceId, filter.sourceId) : undefined,
    filter.outcome ? eq(signals.outcome, filter.outcome) : undefined,
    filter.agent ? or(eq(agents.name, filter.agent), eq(agents.did, filter.agent)) : undefined,
    after
      ? sql`(${signals.receivedAt}, ${signals.id}) < (${after.receivedAt}, ${after.id}::uuid)`
      : undefined,
  ];
  const rows = await views(db)
    .where(and(...conditions))
    .orderBy(desc(signals.receivedAt), desc(signals.id))
    .limit(limit);
  return rows.map((row) => signalView.parse(row));
}

/** @throws NotFoundError `signal_unknown`. */
export async function signalById(
  db: Source,
  id: string,
): Promise<SignalView & { payload: Buffer; digest: string }> {
  const [row] = await views(db).where(eq(signals.id, id));
  const [kept] = await db
    .select({ payload: signals.payload, digest: signals.digest })
    .from(signals)
    .where(eq(signals.id, id));
  if (!row || !kept) throw new NotFoundError("signal_unknown", "There is no such signal.");
  return { ...signalView.parse(row), ...kept };
}

function views(db: Source) {
  const s = signals;
  return db
    .select({
      ...{ id: s.id, eventId: s.eventId, outcome: s.outcome, reason: s.reason, receivedAt: s.receivedAt },
      ...{
        occurredAt: s.occurredAt,
        lagMs: s.lagMs,
        rule: s.rule,
        priority: s.priority,
        severity: s.severity,
      },
      ...{ title: s.title, tags: s.tags, matched: s.matched, test: s.test },
      source: { id: signalSources.id, name: signalSources.name, kind: signalSources.kind },
      agent: { id: agents.id, name: agents.name },
      alertNumber: alerts.number,
    })
    .from(s)
    .innerJoin(signalSources, eq(signalSources.id, s.sourceId))
    .leftJoin(agents, eq(agents.id, s.agentId))
    .leftJoin(alerts, eq(alerts.id, s.alertId))
    .$dynamic();
}
