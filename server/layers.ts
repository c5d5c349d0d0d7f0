/** The seven layers of the model, in order, once: navigation, posture and the README's map come from here. */
export const LAYERS = [
  { key: "identity", number: 1, title: "Identity", path: "/agents", promise: "every agent proves who it is" },
  {
    key: "authorization",
    number: 2,
    title: "Authorization",
    path: "/approvals",
    promise: "only what was granted",
  },
  { key: "isolation", number: 3, title: "Isolation", path: "/isolation", promise: "stays in its zone" },
  { key: "monitoring", number: 4, title: "Monitoring", path: "/alerts", promise: "noticed when it changes" },
  {
    key: "audit",
    number: 5,
    title: "Audit",
    path: "/audit",
    promise: "nobody can quietly change the record",
  },
  {
    key: "rotation",
    number: 6,
    title: "Rotation",
    path: "/rotation",
    promise: "keys change without an outage",
  },
  {
    key: "compliance",
    number: 7,
    title: "Compliance",
    path: "/incidents",
    promise: "regulators hear in time",
  },
] as const;

export type LayerKey = (typeof LAYERS)[number]["key"];
