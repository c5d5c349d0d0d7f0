/** Which of the server's routers a topic of change concerns: what is read anew when it is heard. */
const ROUTERS: Record<string, readonly string[]> = {
  record: ["audit"],
  chain: ["audit"],
  checkpoint: ["audit"],
  verification: ["audit", "overview"],
  agent: ["agents", "facts", "shadowAgents", "containment", "approvals", "isolation", "overview"],
  facts: ["facts", "trust"],
  certificate: ["agents", "authorities", "facts", "overview"],
  isolation: ["isolation", "agents", "overview"],
  grant: ["grants", "approvals", "glass", "overview"],
  rules: ["rules"],
  policy: ["policy", "grants", "approvals"],
  approval: ["approvals", "grants", "overview"],
  score: ["behaviour", "overview", "trust"],
  trust: ["trust"],
  signal: ["signals"],
  alert: ["alerts", "rules", "overview", "trust"],
  containment: ["incidents", "containment", "isolation", "agents", "facts", "overview"],
  maintenance: ["maintenance"],
  incident: ["incidents", "clocks", "overview", "trust"],
  outbox: ["destinations"],
  clock: ["clocks", "incidents", "overview"],
};

/** The least time between two readings of a router: a flood of records costs one reading in so many ms. */
const PAUSE_MS: Record<string, number> = { audit: 1_500, behaviour: 2_000, overview: 1_500, signals: 2_000 };
const PAUSE_DEFAULT_MS = 300;

/** The routers to read anew after a change of this topic. */
export function routersOf(topic: string): readonly string[] {
  return ROUTERS[topic] ?? [];
}

/** How long a router that was just read is left alone, ms. */
export function pauseMs(router: string): number {
  return PAUSE_MS[router] ?? PAUSE_DEFAULT_MS;
}
