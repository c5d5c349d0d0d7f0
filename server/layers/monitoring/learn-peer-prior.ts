import type { Database, Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { PEERS_MAX, poolWithPeers } from "./engine/peer-prior.ts";
import { learningFrozen, learningSpan } from "./learning-store.ts";
import { type PeerCandidate, writePrior } from "./peer-store.ts";
import { installationTimeZone, learningWindows } from "./window-store.ts";

/** Of each agent, its newest: a week and a half of every minute. */
const WINDOWS_EACH_MAX = 15_000;

/**
 * Learns what a learning agent is measured against: minutes of its peers and its own. Peers that are contained, limited
 * or in an incident give nothing. A duty's step: the caller says who its peers are and fences the transaction.
 *
 * @returns how many peers gave minutes; null where there are too few.
 */
export async function learnPeerPrior(
  db: Database,
  of: { agent: PeerCandidate; peers: readonly PeerCandidate[]; kind: string; actor: Actor; now: Date },
  fence: (tx: Tx) => Promise<void>,
): Promise<number | null> {
  const { agent, kind, actor, now } = of;
  const span = learningSpan(now);
  const giving: { id: string; name: string; windows: Awaited<ReturnType<typeof learningWindows>> }[] = [];
  for (const { id, name } of of.peers) {
    if (giving.length === PEERS_MAX) break;
    if ((await learningFrozen(db, id)) !== null) continue;
    const windows = await learningWindows(db, id, span, WINDOWS_EACH_MAX);
    if (windows.length > 0) giving.push({ id, name, windows });
  }
  const own = await learningWindows(db, agent.id, span, WINDOWS_EACH_MAX);
  const pooled = poolWithPeers(
    own,
    giving.map(({ windows }) => windows),
    await installationTimeZone(db),
  );
  if (!pooled) return null;
  const { baseline, ownWindows, peerWindows } = pooled;
  const id = uuidv7(now.getTime());
  await db.transaction(async (tx) => {
    await fence(tx);
    const peerIds = giving.map((peer) => peer.id);
    await writePrior(tx, {
      ...{ agentId: agent.id, id, kind, peerIds, ownWindows, peerWindows, model: baseline, learntAt: now },
    });
    await appendRecord(tx, {
      kind: "baseline.peers_pooled",
      ...{ actor, now },
      details: {
        ...{ agentId: agent.id, name: agent.name, prior: id, kind, ownWindows, peerWindows },
        peers: giving.map(({ name }) => name),
        by: actorRecord(actor).name,
      },
    });
    await notify(tx, "score", agent.id);
  });
  return giving.length;
}
