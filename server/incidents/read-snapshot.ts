import { eq } from "drizzle-orm";
import { snapshots } from "../../db/schema/index.ts";
import { requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import type { Check } from "../kernel/decision.ts";
import { NotFoundError } from "../kernel/errors.ts";
import { sha256Label } from "../kernel/hash.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { findRecord } from "./find-record.ts";
import { agentNamed } from "./store.ts";

export type SnapshotReading = {
  id: string;
  agentId: string;
  containmentId: string | null;
  takenAt: Date;
  digest: string;
  intact: boolean;
  checks: Check[];
  /** The canonical JSON as stored. */
  text: string;
};

/**
 * Reads evidence, hashing the stored bytes anew and comparing them with the row and with the audit record of
 * its taking. Reading is custody, so it is recorded too.
 *
 * @throws ForbiddenError `not_permitted`. @throws NotFoundError `snapshot_unknown`.
 */
export async function readSnapshot(
  ctx: VerbContext,
  input: { snapshotId: string },
): Promise<SnapshotReading> {
  requirePermission(ctx.actor, "incidents.read");
  return ctx.db.transaction(async (tx) => {
    const [row] = await tx.select().from(snapshots).where(eq(snapshots.id, input.snapshotId));
    if (!row)
      throw new NotFoundError("snapshot_unknown", "There is no such snapshot.", {
        snapshot: input.snapshotId,
      });
    const found = sha256Label(row.body);
    const recorded = (await findRecord(tx, "snapshot.taken", row.id))?.digest;
    const checks = compare(found, row.digest, recorded);
    const intact = checks.every((check) => check.passed);
    await appendRecord(tx, {
      kind: "snapshot.read",
      actor: ctx.actor,
      now: ctx.now,
      agent: await agentNamed(tx, row.agentId),
      checks,
      details: { snapshotId: row.id, digest: found, intact },
      subjects: [row.id],
    });
    const { id, agentId, containmentId, takenAt, digest } = row;
    return { id, agentId, containmentId, takenAt, digest, intact, checks, text: row.body.toString("utf8") };
  });
}

function compare(found: string, stored: string, recorded: unknown): Check[] {
  return [
    {
      id: "matches-row",
      passed: found === stored,
      detail:
        found === stored
          ? `The bytes hash to the digest they were stored under, ${stored}.`
          : `The bytes hash to ${found}, but were stored under ${stored}.`,
    },
    {
      id: "matches-record",
      passed: found === recorded,
      detail:
        found === recorded
          ? "The audit record of the taking has the same digest."
          : recorded === undefined
            ? "No intact audit record of the taking was found."
            : `The audit record of the taking has another digest: ${String(recorded)}.`,
    },
  ];
}
