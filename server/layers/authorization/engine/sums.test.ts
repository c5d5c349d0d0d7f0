import fc from "fast-check";
import { expect, it } from "vitest";
import { isMore, sumText, sumUnits } from "./sums.ts";

it.each([
  ["5000", 50_000_000n],
  ["5000.00", 50_000_000n],
  ["5000.01", 50_000_100n],
  ["0.0001", 1n],
  ["9999999999999.9999", 99_999_999_999_999_999n],
])("%s is exact", (text, units) => expect(sumUnits(text)).toBe(units));

it("tells sums apart that binary fractions take for one", () => {
  expect(isMore("9007199254740.9931", "9007199254740.9930")).toBe(true);
  expect(isMore("0.3", "0.3000")).toBe(false);
  expect(sumUnits("0.1") + sumUnits("0.2")).toBe(sumUnits("0.3"));
});

it("is written with the decimals that it needs, two at least, and read again as the same", () => {
  expect([0n, 1n, 100n, 1_000n, 50_000_000n, 10_010n].map(sumText)).toEqual([
    ...["0.00", "0.0001", "0.01", "0.10", "5000.00", "1.001"],
  ]);
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), (units) => sumUnits(sumText(units)) === units),
  );
});
