import { InvalidInputError } from "../../kernel/errors.ts";

/** A notification rule as far as arithmetic goes: which event starts it, and after how many elapsed hours it is due. */
export type ClockRule = {
  regime: string;
  title: string;
  version: string;
  event: string;
  hours: number;
  notes: string;
};

/**
 * The clocks Vigil keeps. `us-36h`: "as soon as possible and no later than 36 hours after the banking
 * organization determines that a notification incident has occurred" (86 FR 66424; 12 CFR 53.3, 225.302,
 * 304.23). The text says hours, so weekends and holidays count; what stops it is receipt.
 */
export const CLOCK_RULES: Readonly<Record<string, ClockRule>> = {
  "us-36h": {
    regime: "us-36h",
    title: "36-hour rule",
    version: "us-36h/2022-05-01",
    event: "determined",
    hours: 36,
    notes:
      "The agency must receive the notice as soon as possible, and no later than 36 hours after the determination.",
  },
};

const HOUR_MS = 3_600_000;

/** Alarms by hours left; zero is the deadline itself. */
export const ALARM_HOURS_LEFT = [24, 12, 4, 1, 0] as const;

export type ClockStatus = "running" | "overdue" | "received" | "received-late" | "superseded";

/** @throws InvalidInputError `unknown_regime`. */
export function clockRule(regime: string): ClockRule {
  const rule = Object.hasOwn(CLOCK_RULES, regime) ? CLOCK_RULES[regime] : undefined;
  if (!rule)
    throw new InvalidInputError(
      "unknown_regime",
      `Vigil keeps no clock named ${regime}. It keeps: ${Object.keys(CLOCK_RULES).join(", ")}.`,
      { regime },
    );
  return rule;
}

/**
 * When a clock is due: elapsed hours on the UTC line, so no change of local time moves it.
 *
 * @throws InvalidInputError `wrong_anchor` for an event that does not start this clock, `bad_instant`.
 */
export function dueAt(regime: string, event: string, anchorAt: Date): Date {
  const rule = clockRule(regime);
  if (event !== rule.event)
    throw new InvalidInputError(
      "wrong_anchor",
      `The ${rule.title} runs from the event "${rule.event}" and from nothing else, so not from "${event}".`,
      { regime, event },
    );
  const due = new Date(anchorAt.getTime() + rule.hours * HOUR_MS);
  if (Number.isNaN(due.getTime()))
    throw new InvalidInputError("bad_instant", "The anchor is not an instant within reach.");
  return due;
}

/** Where a clock stands at `now`. A notice received at the due instant itself is in time. */
export function clockStatus(
  clock: { status: string; dueAt: Date; receivedAt: Date | null },
  now: Date,
): ClockStatus {
  if (clock.status === "superseded") return "superseded";
  if (clock.receivedAt) return clock.receivedAt > clock.dueAt ? "received-late" : "received";
  return now > clock.dueAt ? "overdue" : "running";
}

/** Every alarm of a clock, first to last, those that fit into its length alone. */
export function alarmsOf(clock: { anchorAt: Date; dueAt: Date }): { hoursLeft: number; at: Date }[] {
  return ALARM_HOURS_LEFT.map((hoursLeft) => ({
    hoursLeft,
    at: new Date(clock.dueAt.getTime() - hoursLeft * HOUR_MS),
  })).filter(({ at }) => at > clock.anchorAt);
}

/** Alarms whose instant has come. The last one, at the deadline, comes when it has passed. */
export function alarmsDue(clock: { anchorAt: Date; dueAt: Date }, now: Date): number[] {
  return alarmsOf(clock)
    .filter(({ hoursLeft, at }) => (hoursLeft === 0 ? now > at : now >= at))
    .map(({ hoursLeft }) => hoursLeft);
}
