import { describe, expect, it } from "vitest";
import { registerAgentInput } from "#server/layers/identity/schema.ts";
import { ADVICE, AGENT_TYPES } from "./agent-types.ts";
import {
  chooseType,
  EMPTY_DRAFT,
  enrolCommands,
  errorsOf,
  fieldOfRefusal,
  registration,
  STEPS,
  stepOf,
} from "./draft.ts";

const filled = {
  ...EMPTY_DRAFT,
  name: "fraud-9",
  title: "Mine",
  ownerId: "u",
  parent: "elder",
  model: " m ",
  version: "",
};

describe("a draft", () => {
  it("takes a type's advice and keeps what was written by hand", () => {
    const draft = chooseType(filled, "fraud-detection");
    expect(draft).toMatchObject({
      name: "fraud-9",
      title: "Mine",
      ownerId: "u",
      parent: "elder",
      criticality: "critical",
    });
    expect(draft.scopes).toEqual(ADVICE["fraud-detection"].standing.map((it) => it.scope));
  });

  it("choosing the same type again undoes no edit", () => {
    const edited = {
      ...chooseType(EMPTY_DRAFT, "payments"),
      scopes: ["alerts:create"],
      criticality: "low" as const,
    };
    expect(chooseType(edited, "payments")).toBe(edited);
  });

  it("a title that came with a type goes with it, and one that was written stays", () => {
    const payments = chooseType(EMPTY_DRAFT, "payments");
    expect(payments.title).toBe("Payments");
    expect(chooseType(payments, "reporting").title).toBe("Reporting");
  });

  it("a resource server keeps no parent and no scopes", () => {
    expect(chooseType(chooseType(filled, "payments"), "resource-server")).toMatchObject({
      parent: null,
      scopes: [],
    });
  });

  it.each([
    ["", "Give it a name."],
    ["UPPER", "lower-case"],
    ["-dash", "lower-case"],
    ["a".repeat(64), "1 to 63"],
  ])("named %j is stopped at the name, with why", (name, why) => {
    expect(errorsOf({ ...filled, name }, "place").name).toContain(why);
  });

  it("without a type goes no further, and with what it needs goes on", () => {
    expect(Object.keys(errorsOf(EMPTY_DRAFT, "type"))).toEqual(["type"]);
    for (const step of STEPS) expect(errorsOf(chooseType(filled, "other"), step)).toEqual({});
    expect(errorsOf({ ...filled, parent: "fraud-9" }, "place").parent).toBeDefined();
  });

  it.each(AGENT_TYPES)("of type %s makes a registration that the server takes", (type) => {
    const { scopes, ...agent } = registration(chooseType(filled, type));
    expect(registerAgentInput.safeParse(agent).success).toBe(true);
    expect(agent).toMatchObject({ kind: ADVICE[type].kind, model: "m", version: null });
    expect(scopes).toEqual(ADVICE[type].standing.map((it) => it.scope));
  });
});

it.each([
  ["agent_name_taken", "name", "place"],
  ["parent_refused", "parent", "place"],
  ["not_covered_by_parent", "scopes", "rights"],
  ["owner_unknown", "ownerId", "place"],
] as const)("the refusal %s is shown at %s", (code, field, step) => {
  expect(fieldOfRefusal(code)).toBe(field);
  expect(stepOf(field)).toBe(step);
});

it("a refusal about no field is shown for the whole", () => {
  for (const code of [null, "not_permitted", "unknown"]) expect(fieldOfRefusal(code)).toBeNull();
});

it("the commands hold no token: it is pasted where the list of processes does not show it", () => {
  const commands = enrolCommands({
    name: "fraud-9",
    enrolUrl: "https://vigil:8444",
    scopes: ["transactions:read"],
  });
  expect(commands.split("\n")).toEqual([
    "vigil agent enrol --url https://vigil:8444 --dir ./fraud-9 --token -",
    "vigil agent run --dir ./fraud-9 --scope transactions:read",
  ]);
});
