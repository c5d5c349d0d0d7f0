import { expect, it } from "vitest";
import { falseShare } from "./rule-share.ts";

it.each([
  [0, 0, null],
  [3, 0, "0 % of 3"],
  [3, 1, "33 % of 3"],
  [2, 2, "100 % of 2"],
])("of %i closed, %i false: %s", (closed, falsePositives, said) => {
  expect(falseShare({ closed, falsePositives })).toBe(said);
});
