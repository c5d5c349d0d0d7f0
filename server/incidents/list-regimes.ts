import { CLOCK_RULES } from "./engine/clock-rules.ts";
import type { Regimes } from "./views.ts";

/** The clocks that Vigil keeps, those that are switched off included, with the events that each needs. */
export function listRegimes(): Regimes {
  return CLOCK_RULES.map(
    ({ regime, title, version, since, off, recipient, basis, timeZone, events, notes }) => ({
      ...{ regime, title, version, recipient, basis, timeZone, notes },
      since: off ? null : since,
      off: off ?? null,
      events: [...events],
    }),
  );
}
