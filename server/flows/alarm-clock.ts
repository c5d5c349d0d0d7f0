import { sql } from "drizzle-orm";
import type { Tx } from "../../db/client.ts";
import { alarmsDue, clockRule } from "../incidents/engine/clock.ts";
import { linkAlert } from "../incidents/link-alert.ts";
import { markAlarm } from "../incidents/mark-alarm.ts";
import { incidentName } from "../incidents/schema.ts";
import { type ClockRow, incidentById } from "../incidents/store.ts";
import { enqueueDelivery } from "../integrations/outbox/enqueue-delivery.ts";
import type { Actor } from "../kernel/actor.ts";
import { raiseAlert } from "../layers/monitoring/raise-alert.ts";

/**
 * Raises the alarms of a running clock whose instant has come, each once for good, in the caller's
 * transaction: a fact of the incident, an alert and a delivery.
 *
 * @returns how many were new.
 */
export async function alarmClock(
  tx: Tx,
  alarming: { clock: ClockRow; actor: Actor; now: Date },
): Promise<number> {
  const { actor, now } = alarming;
  const { rows } = await tx.execute(
    sql`select 1 from clocks where id = ${alarming.clock.id} and status = 'running' for share`,
  );
  if (rows.length === 0) return 0;
  const { clock } = alarming;
  const incident = await incidentById(tx, clock.incidentId);
  const name = incidentName(incident.number);
  const rule = clockRule(clock.regime);
  let raised = 0;
  for (const hoursLeft of alarmsDue(clock, now)) {
    const words = hoursLeft === 0 ? "is overdue" : `has ${timeLeft(hoursLeft)} left`;
    const title = `${incident.drill ? "Drill: " : ""}${rule.title} of ${name} ${words}`;
    if (!(await markAlarm(tx, { clock, incident, hoursLeft, title, actor, now }))) continue;
    const { alertId } = await raiseAlert(tx, {
      agentId: incident.agentId,
      kind: "incident",
      rule: `clock-${hoursLeft === 0 ? "overdue" : `${hoursLeft}h`}:${name}`,
      cause: `clock:${name}/${hoursLeft}h`,
      severity: hoursLeft <= 4 ? "critical" : "high",
      title,
      detail: { clockId: clock.id, incidentId: incident.id, incident: name, dueAt: clock.dueAt, hoursLeft },
      actor,
      now,
    });
    await linkAlert(tx, alertId, { incidentId: incident.id, number: incident.number, actor, now });
    const body = {
      incident: name,
      regime: clock.regime,
      dueAt: clock.dueAt,
      hoursLeft,
      drill: incident.drill,
    };
    await enqueueDelivery(tx, { topic: "clock.alarm", body, now });
    raised += 1;
  }
  return raised;
}

/** Parts of a short clock are no whole hours. */
function timeLeft(hours: number): string {
  return Number.isInteger(hours) ? `${hours} h` : `${Math.round(hours * 60)} min`;
}
