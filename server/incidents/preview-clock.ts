import { InvalidInputError } from "../kernel/errors.ts";
import { alarmsOf, clockRule, dueAt } from "./engine/clock.ts";
import { instantText } from "./schema.ts";
import type { ClockPreview } from "./views.ts";

/**
 * When a clock would be due, were its event at this instant. Starts nothing.
 *
 * @param asked.at an instant with its offset.
 * @throws InvalidInputError `unknown_regime`, `wrong_anchor`, `bad_instant`.
 */
export function previewClock(asked: { regime: string; event: string; at: string }): ClockPreview {
  const rule = clockRule(asked.regime);
  const parsed = instantText.safeParse(asked.at);
  if (!parsed.success)
    throw new InvalidInputError(
      "bad_instant",
      `"${asked.at}" is not an instant with its offset, such as 2026-03-08T01:00:00Z or 2026-03-07T20:00:00-05:00.`,
    );
  const anchorAt = new Date(parsed.data);
  const due = dueAt(asked.regime, asked.event, anchorAt);
  return {
    regime: rule.regime,
    ruleVersion: rule.version,
    title: rule.title,
    notes: rule.notes,
    anchor: { event: asked.event, at: anchorAt.toISOString() },
    dueAt: due.toISOString(),
    alarms: alarmsOf({ anchorAt, dueAt: due }).map(({ hoursLeft, at }) => ({
      hoursLeft,
      at: at.toISOString(),
    })),
  };
}
