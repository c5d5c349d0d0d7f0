import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MappingRule, mapping, SIGNAL_KINDS } from "../../signal-schema.ts";
import { defaultMapping } from "./default-mapping.ts";
import {
  type AgentDirectory,
  candidatesOf,
  chooseAgent,
  type KnownAgent,
  workloadNames,
} from "./map-signal.ts";

const agent = (name: string): KnownAgent => ({ id: `id-${name}`, name, did: `did:bank:agent:${name}` });
const [scorer, payer] = [agent("fraud-scorer"), agent("payer")];
function directory(...agents: KnownAgent[]): AgentDirectory {
  const byName = new Map(agents.flatMap((one) => [[one.name, one] as const, [one.did, one] as const]));
  const byNetwork = new Map([
    ["10.1.2.0/24", [scorer]],
    ["10.9.9.0/24", [scorer, payer]],
  ]);
  return { byName, byNetwork };
}
const bank = directory(scorer, payer);
function map(rules: readonly MappingRule[], told: Record<string, string>, known = bank) {
  const fields = new Map(Object.entries(told));
  return chooseAgent(candidatesOf(rules, fields), known, fields);
}
const LABEL: MappingRule = { name: "label", by: "agent", field: "vigil.agent" };
const POD: MappingRule = { name: "pod", by: "workload", field: "k8s.pod.name" };
const ADDRESS: MappingRule = { name: "address", by: "network", field: "fd.cip" };

describe("the first rule that applies decides", () => {
  it("an explicit label by name or DID, and the rule is named", () => {
    expect(map([LABEL, POD], { "vigil.agent": "payer", "k8s.pod.name": "fraud-scorer-0" })).toEqual({
      agent: payer,
      matched: { rule: "label", by: "agent", field: "vigil.agent", value: "payer" },
    });
    expect(map([LABEL], { "vigil.agent": scorer.did }).agent).toBe(scorer);
    expect(map([POD, LABEL], { "vigil.agent": "payer", "k8s.pod.name": "fraud-scorer-0" }).agent).toBe(
      scorer,
    );
  });

  it("a label that names nobody is not overruled by what a later rule would say", () => {
    expect(map([LABEL, POD], { "vigil.agent": "ghost", "k8s.pod.name": "payer-0" })).toMatchObject({
      agent: null,
      claimed: "ghost",
      reason: "The rule label names ghost, which is no agent.",
    });
  });

  it("a rule whose field is missing, empty or Falco's <NA> says nothing", () => {
    for (const value of ["", "<NA>", "null"])
      expect(map([LABEL, POD], { "vigil.agent": value, "k8s.pod.name": "payer-0" }).agent).toBe(payer);
  });

  it("a name in other letters is another name", () => {
    expect(map([LABEL], { "vigil.agent": "Payer" }).agent).toBeNull();
    expect(map([LABEL], { "vigil.agent": "payer " }).agent).toBeNull();
  });
});

describe("workloads", () => {
  it("pods of a deployment, a daemon set and a stateful set are their workload's", () => {
    for (const pod of ["payer", "payer-7d9f8b6c54-x2x4z", "payer-x2x4z", "payer-0"])
      expect(map([POD], { "k8s.pod.name": pod }).agent, pod).toBe(payer);
    expect(map([POD], { "k8s.pod.name": "fraud-scorer-12" }).agent).toBe(scorer);
  });

  it("what only resembles a pod's name is not shortened into an agent's", () => {
    for (const pod of ["payer-evil", "payer-aeiou", "payer-x2x4z-", "payer2", "not-payer-0x", "payer-123456"])
      expect(map([POD], { "k8s.pod.name": pod }).agent, pod).toBeNull();
  });

  it("the whole name goes before the shortened one", () => {
    const both = directory(payer, agent("payer-0"));
    expect(map([POD], { "k8s.pod.name": "payer-0" }, both).agent?.name).toBe("payer-0");
  });

  it("a rule for one namespace leaves pods of others alone, and those that tell none", () => {
    const rule: MappingRule = { ...POD, namespace: "agents-*" };
    expect(map([rule], { "k8s.pod.name": "payer-0", "k8s.ns.name": "agents-eu" }).agent).toBe(payer);
    expect(map([rule], { "k8s.pod.name": "payer-0", "k8s.ns.name": "visitors" }).agent).toBeNull();
    expect(map([rule], { "k8s.pod.name": "payer-0" }).agent).toBeNull();
  });

  it("names stay bounded and end, whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (text) => {
        const names = workloadNames(text);
        expect(names[0]).toBe(text);
        expect(names.length).toBeLessThanOrEqual(4);
        expect(names.every((name) => text.startsWith(name))).toBe(true);
      }),
    );
  });
});

describe("rules with values", () => {
  const rule: MappingRule = {
    ...{ name: "host", by: "match", agent: "payer" },
    when: { hostname: "node-7", "container.id": "3ad7*" },
  };
  it("all fields must fit, the end may be open", () => {
    expect(map([rule], { hostname: "node-7", "container.id": "3ad7b26ded6d" }).agent).toBe(payer);
    expect(map([rule], { hostname: "node-7" }).agent).toBeNull();
    expect(map([rule], { hostname: "node-71", "container.id": "3ad7b26ded6d" }).agent).toBeNull();
  });

  it("a rule for an agent that is gone says so", () => {
    expect(
      map([{ ...rule, agent: "retired-one", when: { hostname: "*" } }], { hostname: "x" }),
    ).toMatchObject({
      agent: null,
      claimed: "retired-one",
    });
  });
});

describe("networks", () => {
  it("the only agent of a network is meant; of two, neither is", () => {
    expect(map([ADDRESS], { "fd.cip": "10.1.2.9" }).agent).toBe(scorer);
    expect(map([ADDRESS], { "fd.cip": "10.9.9.9", hostname: "node-1" })).toMatchObject({
      agent: null,
      claimed: "node-1",
      reason: expect.stringContaining("several agents"),
    });
    expect(map([ADDRESS], { "fd.cip": "not an address" }).agent).toBeNull();
  });
});

it("what no rule maps is claimed by the most telling of its fields", () => {
  expect(map([], { "k8s.ns.name": "web", "k8s.pod.name": "nginx-1", hostname: "n" })).toMatchObject({
    claimed: "web/nginx-1",
  });
  expect(map([], { hostname: "n" })).toMatchObject({ claimed: "n" });
  expect(map([], { hostname: "<NA>" })).toMatchObject({ claimed: null });
});

it("names that are properties of every object are names like any other", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"])
    expect(map([LABEL], { "vigil.agent": name })).toMatchObject({ agent: null, claimed: name });
});

it.each(SIGNAL_KINDS)("the default mapping of %s is a valid one and never guesses by network", (kind) => {
  const rules = mapping.parse(defaultMapping(kind));
  expect(rules[0]).toMatchObject({ by: "agent", field: "vigil.agent" });
  expect(rules.some(({ by }) => by === "network")).toBe(false);
});
