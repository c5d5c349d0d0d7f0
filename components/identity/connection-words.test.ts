import { expect, test } from "vitest";
import { TLS_SUITES } from "#server/layers/identity/connection-schema.ts";
import { suiteWords } from "./connection-words.ts";

test("suites of the policy are said in words", () => {
  expect(
    Object.values(TLS_SUITES)
      .flat()
      .map((cipher) => suiteWords({ cipher, keyExchange: "" })),
  ).toEqual(["AES-256-GCM", "AES-128-GCM", "AES-256-GCM", "AES-128-GCM"]);
});

test("any other suite is named in full, so that it is never taken for one of the policy", () => {
  for (const cipher of ["TLS_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "AES128-GCM-SHA256"])
    expect(suiteWords({ cipher, keyExchange: "X25519" })).toBe(`${cipher}, X25519`);
});
