import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStrictJson } from "./strict-json.ts";

const codeOf = (text: string | Uint8Array): string => {
  try {
    parseStrictJson(text);
    return "accepted";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("strict JSON", () => {
  it("reads whatever JSON.stringify writes, as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrictJson(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it("finds any member that is named twice, however it is written and wherever it hides", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), fc.boolean(), (name, a, b, escaped) => {
        const plain = JSON.stringify(name);
        const other = escaped && name ? `"${unicodeEscapes(name)}"` : plain;
        const twice = `[{"outer":{${plain}:${JSON.stringify(a)},\n ${other} : ${JSON.stringify(b)}}}]`;
        expect(codeOf(twice)).toBe("duplicate_key");
      }),
    );
  });

  it.each([
    ['{"a":{"b":1},"b":2}', "accepted"],
    ['[{"a":1},{"a":1}]', "accepted"],
    ['{"a":["a","a"],"b":"a"}', "accepted"],
    ['{"a\\\\":1,"a":2}', "accepted"],
    ['{"a":"}","b":"{\\"","c":1}', "accepted"],
    ['{"a":1,"b":{},"a":2}', "duplicate_key"],
    ['{"__proto__":1,"__proto__":2}', "duplicate_key"],
    ["[1,]", "malformed_json"],
    ["", "malformed_json"],
    ["\ufeff[]", "malformed_json"],
    ["[".repeat(33) + "]".repeat(33), "too_deep"],
    ["[".repeat(32) + "]".repeat(32), "accepted"],
  ])("%s is %s", (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it("refuses bytes that are not UTF-8 instead of repairing them", () => {
    expect(codeOf(Buffer.from([0x22, 0xff, 0x22]))).toBe("malformed_json");
    expect(codeOf(Buffer.from([0xef, 0xbb, 0xbf, 0x5b, 0x5d]))).toBe("malformed_json");
  });
});

const unicodeEscapes = (text: string) =>
  Array.from(
    { length: text.length },
    (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");
