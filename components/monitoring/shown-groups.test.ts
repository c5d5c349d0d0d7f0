import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertGroup } from "#server/layers/monitoring/alert-work-schema.ts";
import { groupName, queueRows, settleGroups } from "./shown-groups.ts";

const group = (name: string, members = 1) =>
  ({
    lead: { id: `${name}-0`, number: name.charCodeAt(0), agent: { id: name }, groupKey: "k" },
    alerts: Array.from({ length: members }, (_, i) => ({
      id: `${name}-${i}`,
      number: name.charCodeAt(0) + i * 100,
    })),
    members,
  }) as unknown as AlertGroup;
const groups = (names: string) => [...names].map((name) => group(name));
const order = (names: string) => groups(names).map(groupName);
const shown = (read: string, before: string | null) => {
  const settled = settleGroups(groups(read), before === null ? null : order(before));
  return [settled.groups.map(({ lead }) => lead.agent?.id).join(""), settled.waiting];
};

describe("what is shown of a new reading", () => {
  it.each([
    ["abc", null, "abc", 0],
    ["xabc", "abc", "abc", 1],
    ["cab", "abc", "abc", 0],
    ["ac", "abc", "ac", 0],
    ["abcde", "abc", "abcde", 0],
    ["xyabcd", "abc", "abcd", 2],
    ["xyz", "abc", "xyz", 0],
    ["", "abc", "", 0],
  ])("%s after %s", (read, before, shows, waiting) => expect(shown(read, before)).toEqual([shows, waiting]));

  it("never changes the order of what was shown, and loses nothing", () => {
    const names = fc.uniqueArray(fc.constantFrom(..."abcdefghij"), { maxLength: 10 });
    fc.assert(
      fc.property(names, names, (read, before) => {
        const settled = settleGroups(groups(read.join("")), order(before.join("")));
        const now = settled.groups.map(({ lead }) => lead.agent?.id ?? "");
        const kept = now.filter((name) => before.includes(name));
        if (kept.length > 0) expect(kept).toEqual(before.filter((name) => read.includes(name)));
        expect(settled.groups.length + settled.waiting).toBe(read.length);
      }),
    );
  });
});

describe("rows", () => {
  it("members appear below their group only where it is unfolded, the newest once", () => {
    const [one, two] = [group("a", 3), group("b")];
    expect(queueRows([one, two], new Set()).map(({ key }) => key)).toEqual(["97", "98"]);
    expect(queueRows([one, two], new Set([groupName(one)])).map(({ key }) => key)).toEqual([
      "97",
      "197",
      "297",
      "98",
    ]);
  });
});
