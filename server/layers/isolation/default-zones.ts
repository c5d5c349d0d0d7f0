/** The zones of the seed's reference architecture (module 9), the shared services, and what is outside. */
export const DEFAULT_ZONES = [
  { name: "a", title: "Zone A: payments and cards" },
  { name: "b", title: "Zone B: compliance and reporting" },
  { name: "c", title: "Zone C: customers and lending" },
  { name: "shared", title: "Shared services" },
  { name: "external", title: "Outside the bank" },
] as const;

/** What is not here is denied: no agent of zones A and B reaches the outside. */
export const DEFAULT_EDGES = [
  { fromZone: "a", toZone: "a", reason: "agents of one zone work together." },
  { fromZone: "b", toZone: "b", reason: "agents of one zone work together." },
  { fromZone: "c", toZone: "c", reason: "agents of one zone work together." },
  { fromZone: "a", toZone: "shared", reason: "payments and cards are kept in shared services." },
  { fromZone: "b", toZone: "shared", reason: "compliance reads what shared services keep." },
  { fromZone: "c", toZone: "shared", reason: "customers' accounts are kept in shared services." },
  { fromZone: "b", toZone: "a", reason: "compliance may question payment agents." },
  { fromZone: "c", toZone: "external", reason: "messages to customers leave from zone C alone." },
] as const;
