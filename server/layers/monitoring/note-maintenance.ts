import { eq } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { maintenanceWindows } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { appendRecord } from "../audit/append.ts";
import { agentNames, unnotedMaintenance } from "./maintenance-store.ts";

export const MAINTENANCE_BATCH_MAX = 50;
const ACTOR: Actor = { type: "system", id: "monitoring" };

/**
 * Writes down that maintenance began or ended, and that a plan was never decided, in the caller's transaction; each
 * once. It counts by its stored instants, whether or not this has run. @returns how many rows.
 */
export async function noteMaintenance(tx: Tx, now: Date): Promise<number> {
  const due = await unnotedMaintenance(tx, now, MAINTENANCE_BATCH_MAX);
  const names = await agentNames(
    tx,
    due.flatMap(({ agentIds }) => agentIds),
  );
  for (const row of due) {
    const { id, status, startsAt, endsAt, cancelledAt, startNotedAt } = row;
    const endedAt = cancelledAt ?? endsAt;
    const began = status === "approved" && startNotedAt === null && startsAt <= now && startsAt < endedAt;
    const ended = endedAt <= now;
    const kinds = [
      ...(began ? ["maintenance.started"] : []),
      ...(ended ? [status === "pending" ? "maintenance.expired" : "maintenance.ended"] : []),
    ];
    await tx
      .update(maintenanceWindows)
      .set({
        ...(began && { startNotedAt: now }),
        ...(ended && { endNotedAt: now }),
        ...(ended && status === "pending" && { status: "expired" }),
      })
      .where(eq(maintenanceWindows.id, id));
    for (const kind of kinds)
      await appendRecord(tx, {
        kind,
        ...{ actor: ACTOR, now, subjects: [`maintenance:${id}`] },
        details: {
          ...{
            maintenance: id,
            agents: row.agentIds.map((one) => names.get(one) ?? one),
            causes: row.causes,
          },
          ...{ from: startsAt.toISOString(), to: endedAt.toISOString(), reason: row.reason },
        },
      });
    await notify(tx, "maintenance", id);
  }
  return due.length;
}
