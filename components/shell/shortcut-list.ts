import { ALERT_ACTIONS } from "#server/layers/monitoring/alert-actions-schema.ts";
import { WORK } from "./nav-items.ts";

/** g, then this letter, leads there. */
export const GO_TO: Record<string, string> = {
  o: "/",
  a: "/alerts",
  p: "/approvals",
  l: "/audit",
  i: "/incidents",
  n: "/agents",
  r: "/rotation",
};

const titles: Record<string, string> = Object.fromEntries(WORK.map(({ path, title }) => [path, title]));

/** The sheet: everything a key does. Nothing destructive has a key of its own. */
export const SHORTCUTS: readonly { keys: string[]; does: string }[] = [
  { keys: ["⌘K"], does: "Search and commands" },
  { keys: ["/"], does: "Search" },
  { keys: ["j"], does: "Next row" },
  { keys: ["k"], does: "Previous row" },
  { keys: ["Enter"], does: "Open the row" },
  { keys: ["x"], does: "Choose the row" },
  { keys: ["Shift", "x"], does: "Choose all rows up to this one" },
  { keys: ["o"], does: "Unfold the group" },
  { keys: ["."], does: "Show what is new" },
  ...ALERT_ACTIONS.flatMap(({ key, label }) =>
    key ? [{ keys: [key], does: `Alert: ${label.replace("…", "")}` }] : [],
  ),
  { keys: ["Esc"], does: "Close what is open" },
  ...Object.entries(GO_TO).map(([letter, path]) => ({
    keys: ["g", letter],
    does: `Go to ${titles[path] ?? (path === "/audit" ? "Audit" : "Rotation")}`,
  })),
  { keys: ["?"], does: "This sheet" },
];
