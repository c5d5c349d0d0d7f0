import { alarmsOf, clockRule, clockStatus } from "./engine/clock.ts";
import { personOf } from "./person-of.ts";
import type { Receipt } from "./record-receipt.ts";
import { regulatorContact } from "./regulators.ts";
import type { Regulator } from "./schema.ts";
import type { ClockRow } from "./store.ts";
import type { ClockView } from "./views.ts";

/** A clock as the screens show it: instants only, which the browser counts down to on the server's time. */
export function viewClock(
  clock: ClockRow,
  incident: { number: number; drill: boolean },
  emails: Map<string, string>,
  now: Date,
): ClockView {
  const { agency, source, from, channels } = regulatorContact(clock.recipient as Regulator, clock.anchorAt);
  const receipt = clock.receipt as Receipt | null;
  const { id, regime, ruleVersion, basis, recipient, anchorEvent, anchorAt, dueAt, receivedAt } = clock;
  return {
    id,
    incidentNumber: incident.number,
    drill: incident.drill,
    regime,
    title: clockRule(regime).title,
    ruleVersion,
    basis,
    recipient,
    contact: { agency, source, from, channels },
    anchorEvent,
    anchorAt,
    anchoredBy: personOf(clock.anchoredBy, emails),
    dueAt,
    status: clockStatus(clock, now),
    alarms: alarmsOf(clock),
    receivedAt,
    receipt: receipt && { ...receipt, recordedBy: personOf(receipt.recordedBy, emails) },
  };
}
