import { InvalidInputError } from "../kernel/errors.ts";
import { alarmsOf, dueOf } from "./engine/clock.ts";
import { instantText } from "./schema.ts";
import type { ClockPreview } from "./views.ts";

/**
 * When a clock would be due, were its events at these instants. Starts nothing.
 *
 * @param asked.anchors each event with its instant and offset: `{ determined: "2026-03-07T20:00:00-05:00" }`.
 * @throws InvalidInputError `unknown_regime`, `regime_off`, `regime_not_in_force`, `wrong_anchor`, `anchor_missing`,
 * `anchors_out_of_order`, `bad_instant`.
 */
export function previewClock(asked: { regime: string; anchors: Record<string, string> }): ClockPreview {
  const anchors = Object.fromEntries(
    Object.entries(asked.anchors).map(([event, text]) => [event, readInstant(text)]),
  );
  const { rule, anchorAt, dueAt, steps } = dueOf(asked.regime, anchors);
  return {
    regime: rule.regime,
    ruleVersion: rule.version,
    title: rule.title,
    basis: rule.basis,
    recipient: rule.recipient,
    notes: rule.notes,
    anchors: Object.fromEntries(Object.entries(anchors).map(([event, at]) => [event, toSecond(at)])),
    dueAt: toSecond(dueAt),
    steps,
    alarms: alarmsOf({ anchorAt, dueAt }).map(({ hoursLeft, at }) => ({ hoursLeft, at: toSecond(at) })),
  };
}

/** UTC to the second. What is left of a second is not given away. */
const toSecond = (at: Date) => `${at.toISOString().slice(0, 19)}Z`;

function readInstant(text: string): Date {
  const parsed = instantText.safeParse(text);
  if (!parsed.success)
    throw new InvalidInputError(
      "bad_instant",
      `"${text.slice(0, 60)}" is not an instant with its offset, such as 2026-03-08T01:00:00Z or 2026-03-07T20:00:00-05:00.`,
    );
  return new Date(parsed.data);
}
