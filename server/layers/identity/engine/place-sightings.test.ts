import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SHADOW_WAYS, type ShadowWay, type Sighting } from "../shadow-schema.ts";
import {
  isMany,
  MANY_PER_WAY_MAX,
  NEW_PER_WRITE_MAX,
  OPEN_PER_WAY_MAX,
  type Placed,
  placeSightings,
  sightingKey,
} from "./place-sightings.ts";

const START = Date.parse("2026-03-02T10:00:00Z");
const sighting = (claimed: string, more: Partial<Sighting> = {}): Sighting => ({
  way: "certificate_foreign",
  claimed,
  issuer: "CN=elsewhere",
  evidence: "thumbprint",
  network: "192.0.2.0/24",
  count: 1,
  firstAt: new Date(START),
  lastAt: new Date(START),
  ...more,
});
const nothing: Placed = { rows: new Set(), open: new Map() };
const flood = (size: number, more: (index: number) => Partial<Sighting> = () => ({})) =>
  Array.from({ length: size }, (_, index) => sighting(`intruder-${index}`, more(index)));
const totalOf = (rows: readonly Sighting[]) => rows.reduce((sum, row) => sum + row.count, 0);

describe("an unknown identity", () => {
  it("gets a row of its own", () => {
    expect(placeSightings([sighting("a"), sighting("b")], nothing)).toHaveLength(2);
  });

  it("seen in several ways at once is one row, with all its sightings and its whole span", () => {
    const rows = placeSightings(
      [
        sighting("a", { count: 3, firstAt: new Date(START + 1_000), lastAt: new Date(START + 9_000) }),
        sighting("a", { way: "token_subject", count: 2, network: "198.51.100.0/24" }),
      ],
      nothing,
    );
    expect(rows).toEqual([
      sighting("a", {
        way: "token_subject",
        count: 5,
        firstAt: new Date(START),
        lastAt: new Date(START + 9_000),
      }),
    ]);
  });

  it("under another issuer is another", () => {
    expect(placeSightings([sighting("a"), sighting("a", { issuer: "CN=another" })], nothing)).toHaveLength(2);
  });
});

describe("a flood", () => {
  it("makes no more new rows in one writing than are allowed; the rest count as their network", () => {
    const rows = placeSightings(flood(500), nothing);
    expect(rows.filter((row) => !isMany(row))).toHaveLength(NEW_PER_WRITE_MAX);
    expect(rows.filter(isMany)).toEqual([
      expect.objectContaining({
        claimed: "* 192.0.2.0/24",
        issuer: "certificate_foreign",
        count: 500 - NEW_PER_WRITE_MAX,
      }),
    ]);
  });

  it("makes none where the way has all the rows it may have", () => {
    const full: Placed = {
      rows: new Set([sightingKey(sighting("known"))]),
      open: new Map([["certificate_foreign", { single: OPEN_PER_WAY_MAX, many: 0 }]]),
    };
    const rows = placeSightings([sighting("known"), sighting("new")], full);
    expect(rows.map((row) => row.claimed).sort()).toEqual(["* 192.0.2.0/24", "known"]);
  });

  it("does not take the room of another way: a certificate of our own authority is still seen", () => {
    const full: Placed = {
      rows: new Set(),
      open: new Map([["certificate_foreign", { single: OPEN_PER_WAY_MAX, many: MANY_PER_WAY_MAX }]]),
    };
    const rows = placeSightings([...flood(500), sighting("ours", { way: "certificate_unknown" })], full);
    expect(rows.map((row) => row.claimed)).toContain("ours");
  });

  it("from more networks than are counted apart is counted together", () => {
    const rows = placeSightings(
      flood(500, (index) => ({ network: `10.${index}.0.0/24` })),
      nothing,
    );
    expect(rows.filter(isMany)).toHaveLength(MANY_PER_WAY_MAX + 1);
    expect(rows.find((row) => row.claimed === "* other networks")?.count).toBe(
      500 - NEW_PER_WRITE_MAX - MANY_PER_WAY_MAX,
    );
  });
});

describe("whatever comes", () => {
  const any = fc.record({
    name: fc.nat(400),
    way: fc.constantFrom(...SHADOW_WAYS),
    network: fc.nat(120),
    count: fc.integer({ min: 1, max: 50 }),
    atMs: fc.nat(60_000),
  });
  const sightings = fc.array(any, { maxLength: 600 }).map((all) =>
    all.map(({ name, way, network, count, atMs }) =>
      sighting(`id-${name}`, {
        way,
        count,
        network: `10.0.${network}.0/24`,
        firstAt: new Date(START + atMs),
        lastAt: new Date(START + atMs),
      }),
    ),
  );

  it("no sighting is lost, no row comes twice, and no way goes over its limits", () => {
    fc.assert(
      fc.property(sightings, fc.nat(OPEN_PER_WAY_MAX), fc.nat(MANY_PER_WAY_MAX), (seen, single, many) => {
        const open = new Map(SHADOW_WAYS.map((way) => [way, { single, many }] as const));
        const rows = placeSightings(seen, { rows: new Set(), open });
        expect(totalOf(rows)).toBe(totalOf(seen));
        expect(new Set(rows.map(sightingKey)).size).toBe(rows.length);
        const made = (way: ShadowWay, ofMany: boolean) =>
          rows.filter((row) => row.way === way && isMany(row) === ofMany).length;
        for (const way of SHADOW_WAYS) {
          expect(made(way, false)).toBeLessThanOrEqual(
            Math.min(NEW_PER_WRITE_MAX, OPEN_PER_WAY_MAX - single),
          );
          expect(made(way, true)).toBeLessThanOrEqual(MANY_PER_WAY_MAX - many + 1);
        }
      }),
    );
  });
});
