import { describe, expect, test } from "vitest";
import { addPlaceInput, type Place } from "../place-schema.ts";
import { placesOf, plainAddress } from "./place-of.ts";

const at = (name: string, prefix: string): Place => ({
  ...{ id: name, name, prefix, country: "DE", latitude: 0, longitude: 0, kind: "other" },
});
const find = placesOf([
  at("bank", "10.0.0.0/8"),
  at("branch", "10.20.0.0/16"),
  at("desk", "10.20.30.40/32"),
  at("cloud", "2001:db8:40::/48"),
  at("broken", "not a network"),
]);

describe("the place of an address", () => {
  test.each([
    ["10.1.2.3", "bank"],
    ["10.20.1.1", "branch"],
    ["10.20.30.40", "desk"],
    ["::ffff:10.20.1.1", "branch"],
    ["2001:db8:40:1::9", "cloud"],
    ["2001:db8:41::9", undefined],
    ["11.0.0.1", undefined],
    ["unknown", undefined],
    ["", undefined],
    ["__proto__", undefined],
  ])("%s is in %s", (address, name) => {
    expect(find(address)?.name).toBe(name);
  });

  test("an IPv4 address in an IPv6 one is itself", () => {
    expect(plainAddress("::FFFF:10.0.0.1")).toBe("10.0.0.1");
    expect(plainAddress("2001:db8::1")).toBe("2001:db8::1");
  });
});

describe("what an administrator may say", () => {
  const said = { name: "Frankfurt", country: "de", latitude: 50.1, longitude: 8.7, prefix: "10.0.0.0/8" };
  test("a network, two letters and a point on earth", () => {
    expect(addPlaceInput.parse(said)).toMatchObject({ country: "DE", kind: "other" });
    expect(addPlaceInput.safeParse({ ...said, prefix: "2001:db8::/48" }).success).toBe(true);
  });

  test.each([
    { prefix: "10.0.0.0" },
    { prefix: "10.0.0.0/33" },
    { prefix: "10.0.0.0/8/9" },
    { prefix: "300.0.0.0/8" },
    { prefix: "2001:db8::/129" },
    { country: "DEU" },
    { latitude: 90.1 },
    { longitude: -181 },
    { latitude: Number.NaN },
    { name: " " },
    { kind: "moon" },
  ])("not %j", (wrong) => {
    expect(addPlaceInput.safeParse({ ...said, ...wrong }).success).toBe(false);
  });
});
