import { describe, expect, it } from "vitest";
import { issuedDetail } from "../details-schema.ts";
import { readAskedDetails, writeDetails } from "./read-details.ts";

const GATEWAY = "https://localhost:8443";
const entry = (more: object = {}) => ({ type: "agent_action", actions: ["payments:execute"], ...more });
const amount = { max: "5000", currency: "USD" };
const read = (value: unknown) =>
  readAskedDetails(typeof value === "string" ? value : JSON.stringify(value), GATEWAY);

describe("authorization details", () => {
  it("are limits by scope", () => {
    const asked = read([
      entry({ amount, resources: ["/accounts/17/*"], locations: [`${GATEWAY}/`] }),
      entry({ actions: ["batch:process", "audit:temporary"], resources: ["batch-7"] }),
      entry({ actions: ["transactions:modify"] }),
    ]);
    expect(Object.fromEntries(asked as Map<string, unknown>)).toEqual({
      "payments:execute": {
        amount: { max: "5000.00", currency: "USD" },
        resources: ["/accounts/17/*"],
      },
      "batch:process": { resources: ["batch-7"] },
      "audit:temporary": { resources: ["batch-7"] },
      "transactions:modify": null,
    });
  });

  it.each<[string, unknown]>([
    ["that are no JSON", "[{"],
    ["with a member twice", '[{"type":"agent_action","actions":["a:b"],"actions":["c:d"]}]'],
    ["that are no list", entry()],
    ["that are empty", []],
    ["more than twenty", Array.from({ length: 21 }, (_, n) => entry({ actions: [`a:b${n}`] }))],
    ["of another type", [entry({ type: "payment_initiation" })]],
    ["without a type", [{ actions: ["payments:execute"] }]],
    ["with an unknown field", [entry({ privileges: ["admin"] })]],
    ["with a field inside that is unknown", [entry({ amount: { ...amount, per: "day" } })]],
    ["without actions", [{ type: "agent_action", amount }]],
    ["with actions that are no scopes", [entry({ actions: ["payments.execute"] })]],
    ["with no actions in the list", [entry({ actions: [] })]],
    ["with a scope in two entries", [entry(), entry({ amount })]],
    ["with a scope twice in one", [entry({ actions: ["a:b", "a:b"] })]],
    ["for another place", [entry({ locations: ["https://other.example"] })]],
    ["for two places", [entry({ locations: [GATEWAY, "https://other.example"] })]],
    ["for a place that is no address", [entry({ locations: ["here"] })]],
    ["with a sum that is a number", [entry({ amount: { max: 5000, currency: "USD" } })]],
    ["with a negative sum", [entry({ amount: { max: "-5", currency: "USD" } })]],
    ["with no resources in the list", [entry({ resources: [] })]],
    [
      "with more than twenty resources",
      [entry({ resources: Array.from({ length: 21 }, (_, n) => `r${n}`) })],
    ],
    ["with a resource that has a star inside", [entry({ resources: ["/a/*/b"] })]],
    ["with a resource of invisible characters", [entry({ resources: ["/a/\u202e"] })]],
    ["nested without end", "[".repeat(100) + "]".repeat(100)],
  ])("%s are refused in words", (_what, value) => {
    const said = read(value);
    expect(said).toBeTypeOf("string");
    expect(said).toMatch(/^authorization_details[\x20-\x7e]{1,400}$/);
    expect(said).not.toMatch(/["\\]/);
  });
});

describe("what a token carries", () => {
  it("is one entry for each scope that has limits", () => {
    const limits = { amount: { max: "5.00", currency: "USD" }, resources: ["x"] };
    const granted = [
      { scope: "transactions:read", grantIds: ["g1"], limits: null },
      { scope: "payments:execute", grantIds: ["g2"], limits },
    ];
    const details = writeDetails(granted);
    expect(details).toEqual([
      { type: "agent_action", actions: ["payments:execute"], grant_id: "g2", ...limits },
    ]);
    expect(issuedDetail.array().parse(JSON.parse(JSON.stringify(details)))).toEqual(details);
    expect(writeDetails(granted.slice(0, 1))).toBeNull();
  });
});
