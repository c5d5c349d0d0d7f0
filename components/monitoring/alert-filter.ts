import type { AlertFilter } from "#server/layers/monitoring/schema.ts";

export const VIEWS = ["unowned", "mine", "open", "closed"] as const;
export type AlertView = (typeof VIEWS)[number];

export const VIEW_TITLES: Record<AlertView, string> = {
  unowned: "Unowned",
  mine: "Mine",
  open: "All open",
  closed: "Closed",
};

/** The view that an address names; what it does not know is all open alerts. */
export function viewOf(text: string | null): AlertView {
  return VIEWS.find((view) => view === text) ?? "open";
}

/** The server's filter for a view of the alerts, as this person sees it, and what was asked within it. */
export function alertFilterOf(view: AlertView, person: string, query: string | null): AlertFilter {
  return {
    status: view === "closed" ? ["closed"] : ["open", "acknowledged"],
    ...(view === "mine" ? { owner: person } : {}),
    ...(view === "unowned" ? { owner: "none" } : {}),
    ...(query ? { query: query.slice(0, 1_000) } : {}),
    limit: 50,
  };
}
