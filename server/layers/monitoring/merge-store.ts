import { and, asc, eq, inArray, isNull, ne, sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { alerts } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { AlertView } from "./schema.ts";
import { appendTransition } from "./transition-store.ts";

/** Holds these alerts until the transaction ends, in one order, so that two people never wait for each other. */
export async function lockAlerts(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx
    .select({ id: alerts.id })
    .from(alerts)
    .where(inArray(alerts.id, [...ids]))
    .orderBy(asc(alerts.id))
    .for("no key update");
}

/** What was part of an alert becomes part of the one that it was merged into: there is never a chain. */
export async function followMerge(
  tx: Tx,
  { fromId, into, actor, now }: { fromId: string; into: AlertView; actor: Actor; now: Date },
): Promise<void> {
  const moved = await tx
    .update(alerts)
    .set({ mergedInto: into.id, changedAt: now, version: sql`${alerts.version} + 1` })
    .where(eq(alerts.mergedInto, fromId))
    .returning({ id: alerts.id });
  for (const { id } of moved)
    await appendTransition(tx, {
      ...{ alertId: id, kind: "merged", before: "closed", after: "closed", actor, now },
      detail: { into: into.number, intoId: into.id, reason: "What it was part of was merged." },
    });
}

/** The number of the alert of the same agent, rule and cause that is not closed; null where there is none. */
export async function openTwinOf(tx: Tx, alert: AlertView): Promise<number | null> {
  const [twin] = await tx
    .select({ number: alerts.number })
    .from(alerts)
    .where(
      and(
        alert.agent ? eq(alerts.agentId, alert.agent.id) : isNull(alerts.agentId),
        eq(alerts.rule, alert.rule),
        eq(alerts.cause, alert.cause),
        ne(alerts.status, "closed"),
      ),
    );
  return twin?.number ?? null;
}
