import type { MappingRule, SignalKind } from "../../signal-schema.ts";

const LABELS = ["vigil.agent", "vigil.did"];
const FALCO_LABELS = [
  "k8s.pod.label.vigil.agent",
  "k8s.pod.label[vigil.agent]",
  "container.label.vigil.agent",
  "container.label[vigil.agent]",
];
const SYSDIG_LABELS = [
  "kubernetes.pod.label.vigil.agent",
  "container.label.vigil.agent",
  "agent.tag.vigil.agent",
];

const byLabel = (fields: readonly string[]): MappingRule[] =>
  fields.map((field) => ({ name: `label ${field}`, by: "agent", field }));
const byWorkload = (fields: readonly string[]): MappingRule[] =>
  fields.map((field) => ({ name: `workload ${field}`, by: "workload", field }));

/** What a new source maps by: an explicit label first, then the workload's own name. Nothing that is a guess. */
export function defaultMapping(kind: SignalKind): MappingRule[] {
  switch (kind) {
    case "falco":
    case "falcosidekick":
      return [
        ...byLabel([...LABELS, ...FALCO_LABELS]),
        ...byWorkload(["k8s.deployment.name", "k8s.pod.name", "container.name"]),
      ];
    case "sysdig":
      return [
        ...byLabel([...LABELS, ...SYSDIG_LABELS]),
        ...byWorkload([
          "kubernetes.deployment.name",
          "kubernetes.workload.name",
          "kubernetes.pod.name",
          "container.name",
        ]),
      ];
    case "datadog":
      return [...byLabel(LABELS), ...byWorkload(["kube_deployment", "pod_name", "service"])];
    case "generic":
      return [...byLabel(LABELS), ...byWorkload(["workload", "pod"])];
  }
}
