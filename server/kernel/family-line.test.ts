import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkLine,
  FAMILY_GENERATIONS_MAX,
  type Kin,
  SERVING_STATUSES,
  serves,
  standingOf,
} from "./family-line.ts";

const kin = (more: Partial<Kin> = {}): Kin => ({ name: "parent", status: "active", banned: false, ...more });
const STATUSES = [
  "registered",
  "enrolled",
  "active",
  "throttled",
  "contained",
  "suspended",
  "retired",
  "other",
];

describe("a line of parents", () => {
  it("that is empty stops nobody", () => {
    expect(checkLine([])).toEqual({ id: "parent-in-service", passed: true, detail: "It has no parent." });
  });

  it.each(["enrolled", "active", "throttled"])("holds while the parent is %s", (status) => {
    expect(checkLine([kin({ status })]).passed).toBe(true);
  });

  it.each(["registered", "contained", "suspended", "retired", "", "a status of a newer version"])(
    "is broken by a parent that is %j",
    (status) => {
      expect(checkLine([kin({ status })])).toMatchObject({ passed: false });
    },
  );

  it("is broken by a ban and by isolation, whatever the status says, and names who is meant", () => {
    expect(checkLine([kin({ banned: true })]).detail).toContain("parent is banned");
    expect(checkLine([kin({ isolated: true })]).detail).toContain("parent is isolated");
    expect(standingOf(kin({ status: "contained", isolated: true }))).toBe("contained");
    expect(checkLine([kin(), kin({ name: "eldest", status: "suspended" })]).detail).toContain(
      "eldest is suspended",
    );
  });

  it("is broken by a parent that is not known here", () => {
    expect(checkLine([kin(), null]).passed).toBe(false);
  });

  it("has an end: one that is longer than a family can be is broken, even when all of it serves", () => {
    const serving = (count: number) => Array.from({ length: count }, () => kin());
    expect(checkLine(serving(FAMILY_GENERATIONS_MAX - 1)).passed).toBe(true);
    expect(checkLine(serving(FAMILY_GENERATIONS_MAX)).passed).toBe(false);
  });

  it("holds only if every one above serves, in whatever order they stand", () => {
    const anyKin = fc.record({
      name: fc.constant("k"),
      status: fc.constantFrom(...STATUSES),
      banned: fc.boolean(),
      isolated: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyKin, { maxLength: FAMILY_GENERATIONS_MAX - 1 }), (line) => {
        const expected = line.every(
          (it) => !it.banned && !it.isolated && SERVING_STATUSES.includes(it.status),
        );
        expect(checkLine(line).passed).toBe(expected);
        expect(line.every(serves)).toBe(expected);
        if (line.length > 0) expect(checkLine([...line].reverse()).passed).toBe(expected);
      }),
    );
  });
});
