import { expect, test } from "vitest";
import { agentOfSpiffeId } from "../names.ts";
import { readSpiffeId } from "./spiffe-id.ts";

test("a SPIFFE id is a trust domain and a path", () => {
  expect(readSpiffeId("spiffe://bank/agent/payments-1")).toEqual({
    trustDomain: "bank",
    path: "/agent/payments-1",
  });
  expect(readSpiffeId("spiffe://a_b-c.9/X.y_z-1")).toMatchObject({ trustDomain: "a_b-c.9" });
});

test.each([
  "",
  "spiffe://",
  "spiffe://bank",
  "spiffe://bank/",
  "spiffe://bank/agent/",
  "spiffe://bank//agent",
  "spiffe:///agent",
  "SPIFFE://bank/agent",
  "spiffe://Bank/agent",
  "spiffe://bank:8443/agent",
  "spiffe://user@bank/agent",
  "spiffe://bank/agent?x=1",
  "spiffe://bank/agent#x",
  "spiffe://bank/agent%2f1",
  "spiffe://bank/./agent",
  "spiffe://bank/../agent",
  "spiffe://bank/agent/payments 1",
  "https://bank/agent",
  `spiffe://bank/${"a".repeat(2_048)}`,
  `spiffe://${"a".repeat(256)}/agent`,
])("%j is none", (text) => expect(readSpiffeId(text)).toBeTypeOf("string"));

test("only an id of ours names an agent", () => {
  expect(agentOfSpiffeId("spiffe://bank/agent/payments-1")).toBe("payments-1");
  for (const other of [
    "spiffe://bank/agent/",
    "spiffe://bank/agent/a/b",
    "spiffe://bank/door/a",
    "spiffe://bank/agent/A",
  ])
    expect(agentOfSpiffeId(other)).toBeNull();
});
