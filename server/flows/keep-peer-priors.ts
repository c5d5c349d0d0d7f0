import type { Database, Tx } from "../../db/client.ts";
import type { Actor } from "../kernel/actor.ts";
import { standingScopes } from "../layers/authorization/standing-scopes.ts";
import { PEERS_MIN } from "../layers/monitoring/engine/peer-prior.ts";
import { learnPeerPrior } from "../layers/monitoring/learn-peer-prior.ts";
import { dropPriors, peerCandidates } from "../layers/monitoring/peer-store.ts";

/** What an agent is measured against is learnt anew as its own minutes come in. */
const EVERY_MS = 3_600_000;

/**
 * Gives agents that are learning minutes of their peers to be measured against: agents of the same kind, zone and
 * standing scopes with a baseline of their own, three or more. A child, a parent or a sibling is no peer: whoever
 * holds one family could teach it. A bounded piece of work a run.
 *
 * @returns how many agents were given something new, and whether more wait.
 */
export async function keepPeerPriors(
  ctx: { db: Database; actor: Actor; now: Date },
  fence: (tx: Tx) => Promise<void>,
  limit = 5,
): Promise<{ learnt: number; more: boolean }> {
  const { db, now } = ctx;
  const candidates = await peerCandidates(db);
  const scopes = await standingScopes(db);
  // Agents that may do nothing by themselves have nothing in common by that.
  const kindOf = (it: (typeof candidates)[number]) =>
    scopes.has(it.id) ? `${it.kind}, zone ${it.zone}, ${scopes.get(it.id)?.join(" ")}` : null;
  const due = candidates.filter(
    ({ learnt, learntAt }) =>
      !learnt && (learntAt === null || now.getTime() - learntAt.getTime() >= EVERY_MS),
  );
  const ended = candidates.filter(({ learnt, learntAt }) => learnt && learntAt !== null).map(({ id }) => id);
  let learnt = 0;
  for (const agent of due) {
    if (learnt === limit) break;
    const family = (it: (typeof candidates)[number]) =>
      it.id === agent.parentId ||
      it.parentId === agent.id ||
      (it.parentId !== null && it.parentId === agent.parentId);
    const kind = kindOf(agent);
    const peers = candidates.filter((it) => it.learnt && kindOf(it) === kind && !family(it));
    const given =
      kind === null || peers.length < PEERS_MIN
        ? null
        : await learnPeerPrior(db, { ...ctx, agent, peers, kind }, fence);
    if (given !== null) learnt += 1;
    else if (agent.learntAt !== null) ended.push(agent.id);
  }
  if (ended.length > 0)
    await db.transaction(async (tx) => {
      await fence(tx);
      await dropPriors(tx, ended);
    });
  return { learnt, more: learnt === limit };
}
