import { InvalidInputError } from "../../kernel/errors.ts";
import { CLOCK_RULES, type ClockRule } from "./clock-rules.ts";

const HOUR_MS = 3_600_000;
const LAST_MS = Date.UTC(9990, 0);

/** Alarms by hours left; zero is the deadline itself. */
export const ALARM_HOURS_LEFT = [24, 12, 4, 1, 0] as const;
/** A clock of less than a day also alarms when so much of it has passed. */
export const ALARM_PARTS = [0.5, 0.8, 0.95] as const;

export type ClockStatus = "running" | "overdue" | "received" | "received-late" | "superseded";

/**
 * The rule of a regime: the version that holds at an instant, or the latest.
 *
 * @throws InvalidInputError `unknown_regime`, `regime_off` for one that is not law yet, `regime_not_in_force`.
 */
export function clockRule(regime: string, at?: Date): ClockRule {
  const versions = CLOCK_RULES.filter((rule) => rule.regime === regime);
  const latest = versions.at(-1);
  if (!latest)
    throw new InvalidInputError(
      "unknown_regime",
      `Vigil keeps no clock named ${regime}. It keeps: ${REGIMES.join(", ")}.`,
      { regime },
    );
  if (latest.off)
    throw new InvalidInputError("regime_off", `The clock ${regime} is switched off: ${latest.off}`, {
      regime,
    });
  if (!at) return latest;
  const day = Number.isNaN(at.getTime()) ? "" : at.toISOString().slice(0, 10);
  const held = versions.findLast(({ since, until }) => since <= day && (until === null || day <= until));
  if (held || day === "") return held ?? latest;
  throw new InvalidInputError(
    "regime_not_in_force",
    `The ${latest.title} is law from ${versions[0]?.since} on; ${day} is outside it.`,
    { regime, day },
  );
}

export const REGIMES: readonly string[] = [
  ...new Set(CLOCK_RULES.filter(({ off }) => !off).map(({ regime }) => regime)),
];

/**
 * When a clock is due that starts with these events, and how that was worked out. Hours are counted on the line of UTC,
 * so no change of local time moves them; days and months on the recipient's calendar.
 *
 * @throws InvalidInputError `unknown_regime`, `regime_off`, `regime_not_in_force`, `wrong_anchor` for an event that does
 * not start this clock, `anchor_missing`, `anchors_out_of_order`, `bad_instant`.
 */
export function dueOf(
  regime: string,
  anchors: Readonly<Record<string, Date>>,
): { rule: ClockRule; anchorAt: Date; dueAt: Date; steps: string[] } {
  const { events, title } = clockRule(regime);
  const wrong = Object.keys(anchors).find((event) => !events.includes(event));
  if (wrong !== undefined)
    throw new InvalidInputError(
      "wrong_anchor",
      `The ${title} runs from ${namesOf(events)} and from nothing else, so not from "${wrong}".`,
      { regime, event: wrong },
    );
  const missing = events.filter((event) => !Object.hasOwn(anchors, event));
  if (missing.length > 0)
    throw new InvalidInputError(
      "anchor_missing",
      `The ${title} needs ${namesOf(events)}; ${namesOf(missing)} is missing.`,
      { regime, missing: missing.join(" ") },
    );
  const instants = events.map((event) => anchors[event]?.getTime() ?? Number.NaN);
  // Years of five digits are no dates of a regulator's calendar.
  if (!instants.every((at) => at > 0 && at < LAST_MS)) throw beyondReach();
  instants.forEach((at, index) => {
    if (at < (instants[index - 1] ?? Number.NEGATIVE_INFINITY))
      throw new InvalidInputError(
        "anchors_out_of_order",
        `"${events[index]}" cannot be before "${events[index - 1]}".`,
        { regime },
      );
  });
  const anchorAt = new Date(Math.max(...instants));
  const rule = clockRule(regime, anchorAt);
  const { dueMs, steps } = rule.due(Object.fromEntries(events.map((event, i) => [event, instants[i] ?? 0])));
  return { rule, anchorAt: new Date(Math.min(...instants)), dueAt: new Date(dueMs), steps };
}

/** The same for a clock of one event. */
export function dueAt(regime: string, event: string, anchorAt: Date): Date {
  return dueOf(regime, { [event]: anchorAt }).dueAt;
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

type Stretch = { anchorAt: Date; dueAt: Date };

/** Every alarm of a clock, first to last: those that are shorter than it, and parts of it where it is under a day. */
export function alarmsOf({ anchorAt, dueAt }: Stretch): { hoursLeft: number; at: Date }[] {
  const hours = (dueAt.getTime() - anchorAt.getTime()) / HOUR_MS;
  const parts = hours < 24 ? ALARM_PARTS.map((part) => Math.round(hours * (1 - part) * 1_000) / 1_000) : [];
  return [...new Set([...ALARM_HOURS_LEFT, ...parts])]
    .sort((a, b) => b - a)
    .map((hoursLeft) => ({ hoursLeft, at: new Date(dueAt.getTime() - hoursLeft * HOUR_MS) }))
    .filter(({ at }) => at > anchorAt);
}

/** Alarms whose instant has come. The last one, at the deadline, comes when it has passed. */
export function alarmsDue(clock: Stretch, now: Date): number[] {
  return alarmsOf(clock)
    .filter(({ hoursLeft, at }) => (hoursLeft === 0 ? now > at : now >= at))
    .map(({ hoursLeft }) => hoursLeft);
}

function namesOf(events: readonly string[]): string {
  const quoted = events.map((event) => `"${event}"`);
  return events.length === 1 ? `the event ${quoted[0]}` : `the events ${quoted.join(" and ")}`;
}

function beyondReach(): InvalidInputError {
  return new InvalidInputError("bad_instant", "The anchor is not an instant within reach.");
}
