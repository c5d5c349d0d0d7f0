import type { Tx } from "../../db/client.ts";
import { incidentFacts } from "../../db/schema/index.ts";
import { type Actor, actorRecord } from "../kernel/actor.ts";
import { sha256 } from "../kernel/hash.ts";
import { appendRecord } from "../layers/audit/append.ts";
import { agentNamed, type ClockRow, type IncidentRow } from "./store.ts";

/**
 * Writes an alarm into the incident's history unless it stands there already: its id follows from clock and
 * threshold, so that no restart, second worker or closed alert raises it again.
 *
 * @returns whether it is new.
 */
export async function markAlarm(
  tx: Tx,
  alarm: {
    clock: ClockRow;
    incident: IncidentRow;
    hoursLeft: number;
    title: string;
    actor: Actor;
    now: Date;
  },
): Promise<boolean> {
  const { clock, incident, hoursLeft, title, actor, now } = alarm;
  const marked = await tx
    .insert(incidentFacts)
    .values({
      id: alarmId(clock.id, hoursLeft),
      incidentId: incident.id,
      kind: "alarm",
      at: now,
      recordedAt: now,
      actor: actorRecord(actor).id,
      summary: title,
      detail: { clockId: clock.id, hoursLeft, dueAt: clock.dueAt },
    })
    .onConflictDoNothing()
    .returning({ id: incidentFacts.id });
  if (marked.length === 0) return false;
  await appendRecord(tx, {
    kind: "clock.alarmed",
    actor,
    now,
    agent: await agentNamed(tx, incident.agentId),
    details: {
      clockId: clock.id,
      incidentId: incident.id,
      number: incident.number,
      hoursLeft,
      dueAt: clock.dueAt,
    },
    subjects: [incident.id, clock.id],
  });
  return true;
}

/** A UUID version 8 (RFC 9562 §5.8) of the clock and the threshold. */
function alarmId(clockId: string, hoursLeft: number): string {
  const bytes = sha256(`vigil/clock-alarm/v1\n${clockId}\n${hoursLeft}\n`).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
