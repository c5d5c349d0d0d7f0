import { asc, eq } from "drizzle-orm";
import { containments, determinations, incidents, incidentTasks } from "../../db/schema/index.ts";
import { permits, requirePermission } from "../access/permissions.ts";
import type { VerbContext } from "../access/verb-context.ts";
import { present } from "../kernel/ensure.ts";
import { NotFoundError } from "../kernel/errors.ts";
import { personOf, personOrNull } from "./person-of.ts";
import { type AlertRow, type FactRow, readTimeline } from "./read-timeline.ts";
import type { Receipt } from "./record-receipt.ts";
import type { FactKind } from "./schema.ts";
import { clocksOf, emailsOf } from "./store.ts";
import { viewClock } from "./view-clock.ts";
import { viewContainments } from "./view-containments.ts";
import { viewDetermination } from "./view-determination.ts";
import { viewIncidents } from "./view-incidents.ts";
import type { IncidentDetail } from "./views.ts";

/** One incident by its number, whole. @throws NotFoundError `incident_unknown`. */
export async function readIncident(ctx: VerbContext, input: { number: number }): Promise<IncidentDetail> {
  requirePermission(ctx.actor, "incidents.read");
  const { db, actor, now } = ctx;
  const [row] = await db.select().from(incidents).where(eq(incidents.number, input.number));
  if (!row) throw new NotFoundError("incident_unknown", `There is no incident ${input.number}.`, input);
  const of = <T>(table: { incidentId: T }) => eq(table.incidentId as never, row.id);
  const [[summary], timeline, decided, clockRows, tasks, contained] = await Promise.all([
    viewIncidents(db, [row], now),
    readTimeline(db, row),
    db.select().from(determinations).where(of(determinations)).orderBy(asc(determinations.id)),
    clocksOf(db, row.id),
    db.select().from(incidentTasks).where(of(incidentTasks)).orderBy(asc(incidentTasks.position)),
    db.select().from(containments).where(of(containments)).orderBy(asc(containments.requestedAt)),
  ]);
  const emails = await emailsOf(db, [
    ...timeline.facts.map((fact) => fact.actor),
    ...decided.map((determination) => determination.determinedBy),
    ...clockRows.flatMap((clock) => [
      clock.anchoredBy,
      (clock.receipt as Receipt | null)?.recordedBy ?? null,
    ]),
    ...tasks.flatMap((task) => [task.ownerId, task.doneBy]),
  ]);
  const supersededBy = new Set(decided.flatMap(({ supersedes }) => supersedes ?? []));
  return {
    ...present(summary, "the incident"),
    facts: viewFacts(timeline.facts, emails),
    determinations: await Promise.all(
      decided.map((d) => viewDetermination(db, d, supersededBy.has(d.id), emails)),
    ),
    clocks: clockRows.map((clock) => viewClock(clock, row, emails, now)),
    tasks: viewTasks(tasks, emails),
    containments: await viewContainments(db, contained, actor),
    alerts: viewAlerts(timeline.alerts),
    timeline: timeline.entries,
    truncated: timeline.truncated,
    canDetermine: may(
      ctx,
      "incidents.determine",
      row.status === "open" ? null : "The incident is closed; open it again first.",
    ),
    canRecordReceipt: may(ctx, "incidents.recordReceipt", null),
  };
}

function viewTasks(
  tasks: (typeof incidentTasks.$inferSelect)[],
  emails: Map<string, string>,
): IncidentDetail["tasks"] {
  return tasks.map(({ incidentId: _, ownerId, doneBy, ...task }) => ({
    ...task,
    owner: personOrNull(ownerId, emails),
    doneBy: personOrNull(doneBy, emails),
  }));
}

function viewAlerts(alerts: AlertRow[]): IncidentDetail["alerts"] {
  return alerts.map(({ id, number, title, severity, status, openedAt }) => ({
    id,
    number,
    title,
    severity,
    status,
    openedAt,
  }));
}

function viewFacts(facts: FactRow[], emails: Map<string, string>): IncidentDetail["facts"] {
  const superseded = new Set(facts.flatMap(({ supersedes }) => supersedes ?? []));
  return facts.map(({ incidentId: _, actor, ...fact }) => ({
    ...fact,
    kind: fact.kind as FactKind,
    detail: fact.detail as Record<string, unknown>,
    actor: personOf(actor, emails),
    superseded: superseded.has(fact.id),
  }));
}

function may(
  { actor }: VerbContext,
  permission: "incidents.determine" | "incidents.recordReceipt",
  hindrance: string | null,
): { allowed: boolean; reason: string | null } {
  if (actor.type !== "operator" || !permits(actor.roles, permission))
    return { allowed: false, reason: "Compliance officers do this." };
  return { allowed: hindrance === null, reason: hindrance };
}
