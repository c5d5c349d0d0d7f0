import type { SignalKind } from "../../layers/monitoring/signal-schema.ts";

/** An event as a source of this kind sends it: what a trial takes where it is given none. */
export function exampleSignal(kind: SignalKind, now: Date): string {
  return JSON.stringify(EXAMPLES[kind](now));
}

const falco = (now: Date) => ({
  hostname: "node-1",
  output: "A trial of the mapping (command=sh)",
  output_fields: {
    "k8s.ns.name": "agents",
    "k8s.pod.name": "trial-0",
    "container.name": "trial",
    "proc.cmdline": "sh",
  },
  priority: "Notice",
  rule: "Vigil trial",
  source: "syscall",
  tags: ["trial"],
  time: now.toISOString(),
});

const EXAMPLES: Readonly<Record<SignalKind, (now: Date) => unknown>> = {
  falco,
  falcosidekick: (now) => ({ uuid: "00000000-0000-4000-8000-000000000000", ...falco(now) }),
  datadog: (now) => ({
    ...{ id: "trial", alert_title: "Vigil trial", alert_type: "info", alert_transition: "Triggered" },
    ...{ event_title: "A trial of the mapping", date: now.getTime(), tags: "service:trial", alert_scope: "" },
  }),
  sysdig: (now) => ({
    ...{ id: "trial", type: "policy", name: "Vigil trial", severity: 7, timestamp: now.getTime() * 1_000 },
    content: { ruleName: "Vigil trial", output: "A trial of the mapping", ruleTags: [] },
    labels: { "kubernetes.deployment.name": "trial" },
  }),
  generic: (now) => ({
    ...{ time: now.toISOString(), rule: "Vigil trial", severity: "info", message: "A trial of the mapping" },
    labels: { workload: "trial" },
  }),
};
