import { expect, test } from "vitest";
import { SHADOW_STATES, SHADOW_WAYS } from "#server/layers/identity/shadow-schema.ts";
import { shadowTitle, shadowTone, shadowViewOf, WAY_WORDS } from "./shadow-words.ts";

test("an address that names no view shows what is open", () => {
  for (const param of [null, "", "evil", "constructor"]) expect(shadowViewOf(param)).toBe("open");
  for (const state of SHADOW_STATES) expect(shadowViewOf(state)).toBe(state);
});

test("a certificate of our own authority stands out until somebody has decided", () => {
  expect(shadowTone({ state: "open", ways: ["certificate_foreign", "certificate_unknown"] })).toBe(
    "critical",
  );
  expect(shadowTone({ state: "open", ways: ["certificate_foreign"] })).toBe("medium");
  expect(shadowTone({ state: "dismissed", ways: ["certificate_unknown"] })).toBe("neutral");
});

test("every way has its words, and a row that counts many is not called by a claim", () => {
  for (const way of SHADOW_WAYS) expect(WAY_WORDS[way]).not.toBe("");
  expect(shadowTitle({ claimed: "* 192.0.2.0/24", many: true, network: "192.0.2.0/24" })).toBe(
    "Many identities from 192.0.2.0/24",
  );
});
