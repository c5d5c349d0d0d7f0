import type { MappingRule, Matched } from "../../signal-schema.ts";
import { networkOf } from "../network.ts";

/** What a rule makes of a signal: somebody whom it may mean. */
export type Candidate = {
  matched: Matched;
  /** Names or DIDs to look for, the likeliest first; or the network to look for. */
  names: string[];
  network: string | null;
  /** A rule that names its agent decides, even where the agent is unknown. */
  decisive: boolean;
};

export type KnownAgent = { id: string; name: string; did: string };
export type AgentDirectory = {
  byName: ReadonlyMap<string, KnownAgent>;
  byNetwork: ReadonlyMap<string, readonly KnownAgent[]>;
};

export type Mapped =
  | { agent: KnownAgent; matched: Matched }
  /** `claimed` is who it says it is, null where it says nothing. */
  | { agent: null; matched: Matched | null; claimed: string | null; reason: string };

/** Fields by which a signal tells whose it is where no rule mapped it, the most telling first. */
const IDENTITY_FIELDS = [
  ["k8s.ns.name", "k8s.deployment.name"],
  ["k8s.ns.name", "k8s.pod.name"],
  ["kubernetes.namespace.name", "kubernetes.deployment.name"],
  ["kubernetes.namespace.name", "kubernetes.pod.name"],
  ["kube_namespace", "pod_name"],
  ["container.name"],
  ["container.id"],
  ["service"],
  ["workload"],
  ["pod"],
  ["hostname"],
  ["host"],
] as const;

/** Falco writes this where it knows nothing. */
const isTold = (value: string | undefined): value is string =>
  value !== undefined && value !== "" && value !== "<NA>" && value !== "null";

/** Everybody the rules say a signal may mean, in the rules' order; rules whose fields are not there say nothing. */
export function candidatesOf(
  rules: readonly MappingRule[],
  fields: ReadonlyMap<string, string>,
): Candidate[] {
  return rules.flatMap((rule) => candidateOf(rule, fields) ?? []);
}

function candidateOf(rule: MappingRule, fields: ReadonlyMap<string, string>): Candidate | null {
  if (rule.by === "match") {
    const all = Object.entries(rule.when);
    if (!all.every(([field, wanted]) => fits(fields.get(field), wanted))) return null;
    const matched = {
      rule: rule.name,
      by: rule.by,
      field: all.map(([field]) => field).join(", "),
      value: rule.agent,
    };
    return { matched, names: [rule.agent], network: null, decisive: true };
  }
  const value = fields.get(rule.field);
  if (!isTold(value)) return null;
  const matched = { rule: rule.name, by: rule.by, field: rule.field, value };
  switch (rule.by) {
    case "agent":
      return { matched, names: [value], network: null, decisive: true };
    case "workload":
      if (rule.namespace !== undefined && !fits(namespaceOf(fields), rule.namespace)) return null;
      return { matched, names: workloadNames(value), network: null, decisive: false };
    case "network": {
      const network = networkOf(value);
      return network === "unknown" ? null : { matched, names: [], network, decisive: false };
    }
  }
}

const namespaceOf = (fields: ReadonlyMap<string, string>) =>
  fields.get("k8s.ns.name") ?? fields.get("kubernetes.namespace.name") ?? fields.get("kube_namespace");

/** Exact, or by what comes before a `*` at the end. */
function fits(value: string | undefined, wanted: string): boolean {
  if (!isTold(value)) return false;
  return wanted.endsWith("*") ? value.startsWith(wanted.slice(0, -1)) : value === wanted;
}

/**
 * A workload's name as Kubernetes makes it longer: `name-<replica set>-<pod>` of a deployment, `name-<pod>` of a daemon
 * set, `name-<ordinal>` of a stateful set. The generated parts have no vowels (apimachinery, rand.SafeEncodeString).
 */
export function workloadNames(value: string): string[] {
  const names = [value];
  const deployment = /^(.+)-[0-9a-f]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/.exec(value)?.[1];
  const daemon = /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5}$/.exec(value)?.[1];
  const ordinal = /^(.+)-\d{1,4}$/.exec(value)?.[1];
  for (const name of [deployment, daemon, ordinal]) if (name && !names.includes(name)) names.push(name);
  return names;
}

/** The agent a signal is of: by the first candidate that is an agent, unless one before it named somebody unknown. */
export function chooseAgent(
  candidates: readonly Candidate[],
  directory: AgentDirectory,
  fields: ReadonlyMap<string, string>,
): Mapped {
  let ambiguous: { matched: Matched; count: number } | null = null;
  for (const { matched, names, network, decisive } of candidates) {
    const named = names.map((name) => directory.byName.get(name)).find((agent) => agent !== undefined);
    if (named) return { agent: named, matched };
    if (decisive)
      return {
        agent: null,
        matched,
        claimed: matched.value,
        reason: `The rule ${matched.rule} names ${matched.value}, which is no agent.`,
      };
    if (network === null) continue;
    const there = directory.byNetwork.get(network) ?? [];
    if (there.length === 1 && there[0]) return { agent: there[0], matched };
    if (there.length > 1) ambiguous ??= { matched, count: there.length };
  }
  const claimed = claimOf(fields);
  if (ambiguous)
    return {
      ...{ agent: null, matched: null, claimed },
      reason: `The rule ${ambiguous.matched.rule} fits several agents of ${ambiguous.matched.value}'s network.`,
    };
  return { agent: null, matched: null, claimed, reason: "No rule of the mapping names an agent for it." };
}

function claimOf(fields: ReadonlyMap<string, string>): string | null {
  for (const names of IDENTITY_FIELDS) {
    const told = names.map((name) => fields.get(name));
    if (told.every(isTold)) return told.join("/");
  }
  return null;
}
