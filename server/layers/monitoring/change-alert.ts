import { and, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import { alerts } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../audit/append.ts";
import type { AlertStatus, AlertView } from "./schema.ts";
import { findAlert } from "./store.ts";
import { appendTransition, lastTransitionOf } from "./transition-store.ts";

/** What is done to an alert: the audit record is `alert.` and this. */
export type ChangeKind =
  | "acknowledged"
  | "assigned"
  | "closed"
  | "suppressed"
  | "merged"
  | "unmerged"
  | "reopened"
  | "escalated";

/**
 * Changes an alert that is still as the caller saw it, with its transition and its audit record, in the caller's
 * transaction. The caller has checked the actor's permission: this is a step of other verbs.
 *
 * @throws NotFoundError `alert_unknown`.
 * @throws ConflictError `alert_changed`, naming who changed it first and how; nothing was written then.
 */
export async function changeAlert(
  tx: Tx,
  change: {
    id: string;
    version: number;
    from: readonly AlertStatus[];
    kind: ChangeKind;
    set: Partial<typeof alerts.$inferInsert>;
    details: Record<string, unknown>;
    actor: Actor;
    now: Date;
  },
): Promise<AlertView> {
  const { id, version, from, kind, set, details, actor, now } = change;
  const [before] = await tx.select({ status: alerts.status }).from(alerts).where(eq(alerts.id, id));
  const changed = await tx
    .update(alerts)
    .set({ ...set, changedAt: now, version: sql`${alerts.version} + 1` })
    .where(and(eq(alerts.id, id), eq(alerts.version, version), inArray(alerts.status, [...from])))
    .returning({ id: alerts.id });
  const alert = await findAlert(tx, { id });
  if (changed.length === 0) throw await alertChanged(tx, alert);
  await appendTransition(tx, {
    ...{ alertId: id, kind, detail: details, actor, now },
    ...{ before: (before?.status ?? null) as AlertStatus | null, after: alert.status },
  });
  await appendRecord(tx, {
    kind: `alert.${kind}`,
    actor,
    now,
    ...(alert.agent && { agent: alert.agent }),
    details: { alertId: id, number: alert.number, rule: alert.rule, ...details },
    subjects: [`alert:${id}`],
  });
  await notify(tx, "alert", id);
  return alert;
}

/** The refusal of whoever was second: what the alert is now, and who made it so. */
export async function alertChanged(tx: Tx, alert: AlertView): Promise<ConflictError> {
  const last = await lastTransitionOf(tx, alert.id);
  const who = last ? `${last.actor} ${last.words} at ${last.at.toISOString()}` : "it has changed";
  return new ConflictError(
    "alert_changed",
    `Alert ${alert.number} is ${alert.status} now: ${who}. Look at it again before you decide.`,
    {
      number: alert.number,
      status: alert.status,
      version: alert.version,
      by: last?.actor ?? null,
      did: last ? last.words : null,
    },
  );
}
