import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseQuery, type QueryNode } from "./parse-query.ts";
import { durationMs, instantMs, QUERY_FIELDS } from "./query-fields.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const read = (text: string) => parseQuery(text, NOW);
const field = (name: string, value: string | number | null, comparison = "is", wild = false) => ({
  kind: "field",
  field: name,
  comparison,
  value,
  wild,
});

/** The query in one fixed form, so that what it means is seen. */
function shown(node: QueryNode | null): string {
  if (!node) return "";
  switch (node.kind) {
    case "and":
    case "or":
      return `(${node.parts.map(shown).join(` ${node.kind} `)})`;
    case "not":
      return `!${shown(node.part)}`;
    case "text":
      return `"${node.value}"${node.wild ? "*" : ""}`;
    case "field":
      return `${node.field}${node.comparison === "is" ? ":" : node.comparison}${node.value}`;
  }
}

describe("what a query means", () => {
  it.each([
    ["", ""],
    ["   ", ""],
    ["status:open", "status:open"],
    ["STATUS:Open", "status:open"],
    ["status:open severity:high", "(status:open and severity:high)"],
    ["status:open and severity:high or kind:rule", "((status:open and severity:high) or kind:rule)"],
    ["status:open or severity:high and kind:rule", "(status:open or (severity:high and kind:rule))"],
    ["(status:open or severity:high) and kind:rule", "((status:open or severity:high) and kind:rule)"],
    ["not status:open kind:rule", "(!status:open and kind:rule)"],
    ["not not status:open", "!!status:open"],
    ["status:(open or acknowledged)", "(status:open or status:acknowledged)"],
    ["severity >= high", "severity>=high"],
    ["count>3", "count>3"],
    ["score <= 0.75", "score<=0.75"],
    ["age > 24h", "age>86400000"],
    ["owner:none", "owner:null"],
    ['owner:"none"', "owner:none"],
    ["kyc agent:aml-*", '("kyc" and agent:aml-*)'],
    ['title:"customer data: read"', "title:customer data: read"],
    ['"a \\"quoted\\" word"', '"a "quoted" word"'],
    ["opened>=2026-11-20T10:30", `opened>=${Date.parse("2026-11-20T10:30Z")}`],
    ["opened > now-1d", `opened>${NOW - 86_400_000}`],
  ])("%s", (text, meaning) => {
    const { node, fault } = read(text);
    expect(fault).toBeNull();
    expect(shown(node)).toBe(meaning);
  });

  it("a star is a wildcard only where it is not quoted", () => {
    expect(read("rule:beh*").node).toEqual(field("rule", "beh*", "is", true));
    expect(read('rule:"beh*"').node).toEqual(field("rule", "beh*"));
  });

  it("parts that are all asked for are pills, each where it stands; alternatives are one", () => {
    const text = "status:open  severity >= high not owner:me";
    const pills = read(text).pills ?? [];
    expect(pills.map((pill) => pill.text)).toEqual(["status:open", "severity >= high", "not owner:me"]);
    for (const { text: part, from, to } of pills) expect(text.slice(from, to)).toBe(part);
    expect(read("status:open or kind:rule").pills).toHaveLength(1);
  });
});

describe("what cannot be read is said, at the character it is at", () => {
  it.each([
    ["colour:red", 0, /no field "colour".*severity/],
    ["status:odd", 7, /one of open, acknowledged, closed/],
    ["status:", 7, /value for status is missing/],
    ["status:open and", 15, /missing/],
    ["or status:open", 0, /missing before "or"/],
    ["(status:open", 0, /never closed/],
    ["status:open)", 11, /opened here/],
    ['title:"open', 6, /never closed/],
    [": open", 0, /needs a field/],
    ["agent > b", 6, /has no order/],
    ["count:many", 6, /no value for count/],
    ["opened:yesterday", 7, /2026-11-23/],
    ["count > (1 or 2)", 8, /goes with a colon/],
    ["status:(open closed)", 7, /never closed/],
    ["not", 3, /missing/],
    ["a \u0000b", 2, /cannot be seen/],
    ["title:a\u202eb", 7, /cannot be seen/],
  ])("%s", (text, at, words) => {
    const { fault } = read(text);
    expect(fault?.message).toMatch(words);
    expect(fault?.at).toBe(at);
  });

  it("too long, too deep and too many are refused, not tried", () => {
    expect(read("a ".repeat(600)).fault?.message).toMatch(/1000 characters/);
    expect(read(`${"not ".repeat(200)}a`).fault?.message).toMatch(/nested too deeply/);
    expect(read(`${"(".repeat(300)}a${")".repeat(300)}`).fault?.message).toMatch(/nested too deeply/);
    expect(read(Array.from({ length: 60 }, () => "a").join(" ")).fault?.message).toMatch(/50 terms/);
  });
});

describe("whatever is typed", () => {
  const pieces = fc.constantFrom(
    ...["(", ")", ":", ">", "<=", '"', "\\", "*", " ", "and", "or", "not", "none", "now-1h", "2026-11-23"],
    ...QUERY_FIELDS.map(({ name }) => name),
    ...["open", "high", "0.5", "'; drop table alerts --", "\u0000", "\u202e", "💥", "%", "_"],
  );

  it("it is read or refused with a place in the text, and nothing is thrown", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 200 }),
          fc.array(pieces, { maxLength: 40 }).map((all) => all.join(" ")),
          fc.array(pieces, { maxLength: 40 }).map((all) => all.join("")),
        ),
        (text) => {
          const { node, pills, fault } = read(text);
          if (fault) {
            expect(fault.at).toBeGreaterThanOrEqual(0);
            expect(fault.at).toBeLessThanOrEqual(text.length);
            expect(fault.message).not.toBe("");
          } else {
            expect(node === null).toBe(text.trim() === "");
            for (const pill of pills) expect(pill.from).toBeLessThan(pill.to);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("each pill alone is a query, and all of them together mean the same", () => {
    const terms = fc.constantFrom(
      "status:open",
      "not owner:me",
      "severity >= high",
      '"two words"',
      "(kind:rule or count > 2)",
      "agent:a*",
    );
    fc.assert(
      fc.property(fc.array(terms, { minLength: 1, maxLength: 6 }), (parts) => {
        const text = parts.join(" ");
        const { pills, node } = read(text);
        expect(pills?.map((pill) => shown(read(pill.text).node))).toEqual(
          parts.map((part) => shown(read(part).node)),
        );
        expect(shown(read(pills?.map((pill) => pill.text).join(" and ") ?? "").node)).toBe(shown(node));
      }),
    );
  });
});

describe("instants and durations", () => {
  it("a day, a minute, an offset and now", () => {
    expect(instantMs("2026-11-23", NOW)).toBe(Date.parse("2026-11-23T00:00Z"));
    expect(instantMs("2026-11-23T12:00", NOW)).toBe(NOW);
    expect(instantMs("2026-11-23T13:00+01:00", NOW)).toBe(NOW);
    expect(instantMs("now", NOW)).toBe(NOW);
    for (const wrong of [
      "2026-13-40",
      "0000-01-01",
      "1969-12-31",
      "now-999999w",
      "now+1h",
      "now-",
      "12:00",
      "",
    ])
      expect(instantMs(wrong, NOW)).toBeNull();
  });

  it("minutes, hours, days and weeks", () => {
    expect(["30m", "24h", "7d", "2w"].map(durationMs)).toEqual([
      1_800_000, 86_400_000, 604_800_000, 1_209_600_000,
    ]);
    for (const wrong of ["", "h", "1y", "-1h", "1.5h", "9999999h"]) expect(durationMs(wrong)).toBeNull();
  });
});
