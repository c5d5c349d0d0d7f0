import fc from "fast-check";
import { expect, test } from "vitest";
import {
  booleanOf,
  DerFault,
  integerOctets,
  listOf,
  namedBits,
  oidOf,
  partsOf,
  readDer,
  smallInteger,
  TAG,
  timeOf,
  wholeBits,
} from "./der.ts";

const der = (hex: string) => readDer(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const refuses = (read: () => unknown) => expect(read).toThrow(DerFault);

test("whatever the bytes, the reader answers with a value or a fault and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        const value = readDer(bytes);
        expect(value.raw.equals(Buffer.from(bytes))).toBe(true);
        listOf(value, value.tag, "it");
      } catch (error) {
        expect(error).toBeInstanceOf(DerFault);
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["nothing", ""],
  ["half a header", "30"],
  ["a length without its octets", "3082 01"],
  ["a content that ends early", "0403 0102"],
  ["bytes after the value", "0500 00"],
  ["an indefinite length", "3080 0500 0000"],
  ["a length in the long form that fits the short", "048105 0102030405"],
  ["a length with a leading zero", "04820005 0102030405"],
  ["a length of five octets", "0485 0000000001 00"],
  ["a tag number in the long form", "1f8101 00"],
])("%s is no DER", (_what, hex) => refuses(() => der(hex)));

test("integers are in the fewest octets, and their sign is kept", () => {
  expect(integerOctets(der("0201 00"), "n")).toEqual(Buffer.from([0]));
  expect(integerOctets(der("0202 0080"), "n")).toEqual(Buffer.from([0, 0x80]));
  expect(integerOctets(der("0201 80"), "n")).toEqual(Buffer.from([0x80]));
  for (const padded of ["0200", "0202 0001", "0202 ff80"]) refuses(() => integerOctets(der(padded), "n"));
  expect(smallInteger(der("0202 0100"), "n")).toBe(256);
  for (const out of ["0201 ff", "0205 0100000000"]) refuses(() => smallInteger(der(out), "n"));
});

test("booleans are 00 or FF", () => {
  expect([booleanOf(der("0101 ff"), "b"), booleanOf(der("0101 00"), "b")]).toEqual([true, false]);
  for (const wrong of ["0101 01", "0100", "0102 ffff"]) refuses(() => booleanOf(der(wrong), "b"));
});

test("named bits are numbered from the left", () => {
  expect(namedBits(der("0302 0780"), "u")).toBe(1);
  expect(namedBits(der("0302 0106"), "u")).toBe(32 | 64);
  expect(namedBits(der("0303 070080"), "u")).toBe(256);
  for (const wrong of ["0300", "0302 0880", "0304 00000000"]) refuses(() => namedBits(der(wrong), "u"));
  expect(wholeBits(der("0302 00aa"), "s")).toEqual(Buffer.from([0xaa]));
  refuses(() => wholeBits(der("0302 01aa"), "s"));
});

test("object ids have arcs of any size, each in the fewest octets", () => {
  expect(oidOf(der("0603 551d0f"), "o")).toBe("2.5.29.15");
  expect(oidOf(der("0601 27"), "o")).toBe("0.39");
  expect(oidOf(der("0602 8837"), "o")).toBe("2.999");
  const uuid = "2.25.324839618678792234318265737673018317265";
  expect(oidOf(der("0614 6983e8e1eaeec981baa9e7b8eba1e0dec1a8b351"), "o")).toBe(uuid);
  for (const wrong of ["0600", "0602 8001", "0601 80", `0616${"ff".repeat(21)}01`])
    refuses(() => oidOf(der(wrong), "o"));
});

test("times are in UTC, to the second, in the form of their century, and have been", () => {
  const utc = (text: string) => timeOf(der(`17${hexOf(text)}`), "t");
  const general = (text: string) => timeOf(der(`18${hexOf(text)}`), "t");
  expect(utc("491231235959Z").toISOString()).toBe("2049-12-31T23:59:59.000Z");
  expect(utc("500101000000Z").toISOString()).toBe("1950-01-01T00:00:00.000Z");
  expect(general("20500101000000Z").toISOString()).toBe("2050-01-01T00:00:00.000Z");
  for (const wrong of ["260229000000Z", "261301000000Z", "2611250000Z", "261125000000+0100", "26112524000Z"])
    refuses(() => utc(wrong));
  for (const wrong of ["20261125000000Z", "20510101000000.5Z", "20510101000000"])
    refuses(() => general(wrong));
});

test("parts are read in order, and nothing may be missing or left", () => {
  const parts = () => partsOf(der("3006 0101ff 020105"), TAG.sequence, "it");
  const read = parts();
  expect(read.maybe(TAG.integer)).toBeNull();
  expect(read.take(TAG.boolean, "b").content).toEqual(Buffer.from([0xff]));
  refuses(() => read.end("it"));
  expect(smallInteger(read.take(TAG.integer, "n"), "n")).toBe(5);
  read.end("it");
  refuses(() => read.any("more"));
  refuses(() => parts().take(TAG.integer, "n"));
  refuses(() => partsOf(der("0500"), TAG.sequence, "it"));
});

function hexOf(text: string): string {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]).toString("hex");
}
