import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { agents, baselines, peerPriors } from "../../../db/schema/index.ts";
import type { Baseline } from "./engine/baseline.ts";
import type { PeerPrior } from "./engine/peer-prior.ts";

type Source = Database | Tx;
const PRIORS_KEPT_MAX = 5_000;

/** What the learning ones among these agents are measured against; models that are known already are not read again. */
export async function peerPriorsOf(
  db: Source,
  known: Map<string, PeerPrior>,
  agentIds: readonly string[],
): Promise<Map<string, PeerPrior>> {
  if (agentIds.length === 0) return new Map();
  if (known.size > PRIORS_KEPT_MAX) known.clear();
  const rows = await db
    .select({ agentId: peerPriors.agentId, id: peerPriors.id })
    .from(peerPriors)
    .where(inArray(peerPriors.agentId, [...agentIds]));
  const missing = rows.map(({ id }) => id).filter((id) => !known.has(id));
  if (missing.length > 0)
    for (const { id, model, peerIds } of await db
      .select()
      .from(peerPriors)
      .where(inArray(peerPriors.id, missing)))
      known.set(id, { id, baseline: model as Baseline, peers: peerIds.length });
  return new Map(
    rows.flatMap(({ agentId, id }) => {
      const prior = known.get(id);
      return prior ? [[agentId, prior] as const] : [];
    }),
  );
}

export type PeerCandidate = { id: string; name: string; zone: string; title: string; kind: string };

/** Agents in service: those that learn, with what they had when peers were last asked, and those with a baseline. */
export async function peerCandidates(
  db: Source,
): Promise<(PeerCandidate & { learnt: boolean; parentId: string | null; learntAt: Date | null })[]> {
  return db
    .select({
      ...{ id: agents.id, name: agents.name, zone: agents.zone, title: agents.title, kind: agents.kind },
      parentId: agents.parentId,
      learnt: sql<boolean>`${baselines.id} is not null`,
      learntAt: peerPriors.learntAt,
    })
    .from(agents)
    .leftJoin(baselines, and(eq(baselines.agentId, agents.id), isNull(baselines.retiredAt)))
    .leftJoin(peerPriors, eq(peerPriors.agentId, agents.id))
    .where(and(inArray(agents.status, ["active", "throttled"]), eq(agents.banned, false)))
    .orderBy(agents.createdAt);
}

export async function writePrior(
  tx: Tx,
  prior: typeof peerPriors.$inferInsert & { model: Baseline },
): Promise<void> {
  const { agentId, ...set } = prior;
  await tx.insert(peerPriors).values(prior).onConflictDoUpdate({ target: peerPriors.agentId, set });
}

/** Forgets what agents were measured against that have a baseline of their own, or too few peers, now. */
export async function dropPriors(tx: Tx, agentIds: readonly string[]): Promise<number> {
  if (agentIds.length === 0) return 0;
  const rows = await tx
    .delete(peerPriors)
    .where(inArray(peerPriors.agentId, [...agentIds]))
    .returning({ id: peerPriors.agentId });
  return rows.length;
}

export async function priorOf(db: Source, agentId: string) {
  const [row] = await db.select().from(peerPriors).where(eq(peerPriors.agentId, agentId));
  if (!row) return null;
  const peers = await db
    .select({ name: agents.name })
    .from(agents)
    .where(inArray(agents.id, row.peerIds))
    .orderBy(agents.name);
  return { ...row, peers: peers.map(({ name }) => name) };
}
