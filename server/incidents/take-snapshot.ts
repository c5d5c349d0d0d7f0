import type { Tx } from "../../db/client.ts";
import { snapshots } from "../../db/schema/index.ts";
import type { Actor } from "../kernel/actor.ts";
import { canonicalBytes } from "../kernel/canonical.ts";
import { sha256Label } from "../kernel/hash.ts";
import { uuidv7 } from "../kernel/ids.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { gatherEvidence } from "./gather-evidence.ts";
import { agentNamed } from "./store.ts";

export const SNAPSHOT_VERSION = 1;

/**
 * Takes the evidence of a containment: canonical bytes, stored once and never changed, whose digest the
 * chained audit record has as well. Part of a containment's step, which makes it happen once.
 */
export async function takeSnapshot(
  tx: Tx,
  taking: { agentId: string; containmentId: string; incidentId: string | null; actor: Actor; now: Date },
): Promise<{ snapshotId: string; digest: string; bytes: number }> {
  const { agentId, containmentId, incidentId, actor, now } = taking;
  const snapshotId = uuidv7(now.getTime());
  const evidence = await gatherEvidence(tx, agentId, now);
  const body = canonicalBytes({
    v: SNAPSHOT_VERSION,
    id: snapshotId,
    containmentId,
    takenAt: now.toISOString(),
    evidence,
  });
  const digest = sha256Label(body);
  await tx
    .insert(snapshots)
    .values({ id: snapshotId, agentId, incidentId, containmentId, body, digest, takenAt: now });
  await appendRecord(tx, {
    kind: "snapshot.taken",
    actor,
    now,
    agent: await agentNamed(tx, agentId),
    details: { snapshotId, containmentId, incidentId, digest, bytes: body.length },
    subjects: [snapshotId, containmentId],
  });
  return { snapshotId, digest, bytes: body.length };
}
