import { and, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { alerts } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import type { AlertStatus, AlertView } from "./schema.ts";
import { findAlert, lastChangeOf } from "./store.ts";

const WORDS: Record<string, string> = {
  "alert.raised": "raised",
  "alert.acknowledged": "acknowledged",
  "alert.assigned": "assigned",
  "alert.closed": "closed",
};

/**
 * Changes an alert that is still as the caller saw it, with its audit record, in the caller's transaction. The
 * caller has checked the actor's permission: this is a step of other verbs.
 *
 * @throws NotFoundError `alert_unknown`. @throws ConflictError `alert_changed`, naming who changed it first.
 */
export async function changeAlert(
  tx: Tx,
  change: {
    id: string;
    version: number;
    from: readonly AlertStatus[];
    kind: "alert.acknowledged" | "alert.assigned" | "alert.closed";
    set: Partial<typeof alerts.$inferInsert>;
    details: Record<string, unknown>;
    actor: Actor;
    now: Date;
  },
): Promise<AlertView> {
  const { id, version, from, kind, set, details, actor, now } = change;
  const changed = await tx
    .update(alerts)
    .set({ ...set, version: sql`${alerts.version} + 1` })
    .where(and(eq(alerts.id, id), eq(alerts.version, version), inArray(alerts.status, [...from])))
    .returning({ id: alerts.id });
  const alert = await findAlert(tx, { id });
  if (changed.length === 0) throw await conflict(tx, alert);
  await appendRecord(tx, {
    kind,
    actor,
    now,
    ...(alert.agent && { agent: alert.agent }),
    details: { alertId: id, number: alert.number, rule: alert.rule, ...details },
    subjects: [`alert:${id}`],
  });
  await notify(tx, "alert", id);
  return alert;
}

async function conflict(tx: Tx, alert: AlertView): Promise<ConflictError> {
  const last = await lastChangeOf(tx, alert.id);
  const who = last
    ? `${last.actor} ${WORDS[last.kind] ?? "changed"} it at ${last.at.toISOString()}`
    : "it has changed";
  return new ConflictError(
    "alert_changed",
    `Alert ${alert.number} is ${alert.status} now: ${who}. Look at it again before you decide.`,
    { number: alert.number, status: alert.status, version: alert.version, by: last?.actor ?? null },
  );
}
