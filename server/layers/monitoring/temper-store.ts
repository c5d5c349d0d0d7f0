import { and, desc, eq, gt, isNull, lte, or, sql } from "drizzle-orm";
import type { Database } from "../../../db/client.ts";
import { alerts, coolDowns, maintenanceWindows } from "../../../db/schema/index.ts";
import type { CoolDown, RunningMaintenance } from "./engine/temper.ts";
import type { FeatureKey } from "./schema.ts";

/** An alert stands against tempering for so long after it was last seen. */
const FORBIDS_MS = 15 * 60_000;
/** Over for so long, it is told of as over; longer, it is not consulted. */
const TOLD_MS = 60 * 60_000;

/** Approved maintenance that names an agent and runs now, or ran within the last hour. */
export async function maintenanceOf(db: Database, agentId: string, now: Date): Promise<RunningMaintenance[]> {
  const rows = await db
    .select()
    .from(maintenanceWindows)
    .where(
      and(
        eq(maintenanceWindows.status, "approved"),
        sql`${agentId}::uuid = any(${maintenanceWindows.agentIds})`,
        lte(maintenanceWindows.startsAt, now),
        gt(maintenanceWindows.endsAt, new Date(now.getTime() - TOLD_MS)),
        or(
          isNull(maintenanceWindows.cancelledAt),
          gt(maintenanceWindows.cancelledAt, new Date(now.getTime() - TOLD_MS)),
        ),
      ),
    )
    .orderBy(desc(maintenanceWindows.endsAt))
    .limit(20);
  return rows.map(({ id, causes, startsAt, endsAt, cancelledAt, reason }) => ({
    ...{ id, reason, causes: causes as FeatureKey[] },
    ...{
      startsMs: startsAt.getTime(),
      endsMs: endsAt.getTime(),
      cancelledMs: cancelledAt?.getTime() ?? null,
    },
  }));
}

/** The newest cool-down of an agent, where it lasts or ended within the last hour. */
export async function coolDownsOf(db: Database, agentId: string, now: Date): Promise<CoolDown[]> {
  const rows = await db
    .select()
    .from(coolDowns)
    .where(and(eq(coolDowns.agentId, agentId), gt(coolDowns.endsAt, new Date(now.getTime() - TOLD_MS))))
    .orderBy(desc(coolDowns.endsAt))
    .limit(1);
  return rows.map(({ containmentId, score, causes, startsAt, endsAt }) => ({
    ...{ containmentId, score, causes: causes as CoolDown["causes"] },
    ...{ startsMs: startsAt.getTime(), endsMs: endsAt.getTime() },
  }));
}

/**
 * Alerts of an agent, seen in the last quarter of an hour, under which it is contained whatever is planned or approved:
 * forbidden data, its credentials and identity, and every critical one of a rule.
 */
export async function forbiddingAlerts(db: Database, agentId: string, now: Date): Promise<string[]> {
  const rows = await db
    .select({ number: alerts.number, rule: alerts.rule })
    .from(alerts)
    .where(
      and(
        eq(alerts.agentId, agentId),
        gt(alerts.lastSeenAt, new Date(now.getTime() - FORBIDS_MS)),
        or(
          eq(alerts.kind, "identity"),
          eq(alerts.rule, "sensitive-data-in-scope"),
          and(eq(alerts.kind, "rule"), eq(alerts.severity, "critical")),
        ),
      ),
    )
    .orderBy(desc(alerts.lastSeenAt))
    .limit(5);
  return rows.map(({ number, rule }) => `alert ${number} (${rule})`);
}
