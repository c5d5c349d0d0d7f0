import { LAYERS } from "#server/layers.ts";

/** The queues that people work from, in the order of a shift. The layers follow from `server/layers.ts`. */
export const WORK = [
  { key: "overview", title: "Overview", path: "/" },
  { key: "agents", title: "Agents", path: "/agents" },
  { key: "shadowAgents", title: "Shadow agents", path: "/shadow-agents" },
  { key: "behaviour", title: "Behaviour", path: "/behaviour" },
  { key: "alerts", title: "Alerts", path: "/alerts" },
  { key: "rules", title: "Detection rules", path: "/rules" },
  { key: "maintenance", title: "Maintenance", path: "/maintenance" },
  { key: "incidents", title: "Incidents", path: "/incidents" },
  { key: "approvals", title: "Approvals", path: "/approvals" },
] as const;

export type WorkKey = (typeof WORK)[number]["key"];

export const SYSTEM = [
  { key: "clocks", title: "Clock calculator", path: "/clocks" },
  { key: "duties", title: "Separation of duties", path: "/duties" },
  { key: "authorities", title: "Certificate authorities", path: "/authorities" },
  { key: "policy", title: "Scope policy", path: "/policy" },
  { key: "settings", title: "Settings", path: "/settings" },
] as const;

export type SystemKey = (typeof SYSTEM)[number]["key"];

/** The pages of the authorization layer, beside each other. */
export const AUTHORIZATION_PAGES = [
  { title: "Requests", path: "/approvals" },
  { title: "Live grants", path: "/grants" },
  { title: "Break-glass log", path: "/break-glass" },
  { title: "Policy", path: "/policy" },
] as const;

/** Whether a page lies at a path or below it. */
export function isAt(pathname: string, path: string): boolean {
  return path === "/" ? pathname === "/" : pathname === path || pathname.startsWith(`${path}/`);
}

/** The navigation entry that stands for a page: a queue where there is one, otherwise the layer. */
export function currentEntry(pathname: string): string {
  const entries = [...WORK, ...SYSTEM, ...LAYERS];
  return entries.find((entry) => isAt(pathname, entry.path))?.key ?? "";
}

/** The layer a page belongs to, or null. */
export function currentLayer(pathname: string): string | null {
  if (isAt(pathname, "/shadow-agents")) return "identity";
  if (isAt(pathname, "/duties") || isAt(pathname, "/clocks")) return "compliance";
  if (["/behaviour", "/rules", "/maintenance"].some((path) => isAt(pathname, path))) return "monitoring";
  if (AUTHORIZATION_PAGES.some(({ path }) => isAt(pathname, path))) return "authorization";
  return LAYERS.find((layer) => isAt(pathname, layer.path))?.key ?? null;
}
