import { expect, it } from "vitest";
import { placesIn } from "./places-in.ts";

it.each([
  ["0-3, 7", [0, 1, 2, 3, 7]],
  ["5", [5]],
  ["", []],
  ["nonsense, 2", [2]],
  ["3-1", []],
  ["0-99999999", []],
])("the places of %j", (text, places) => {
  expect([...placesIn(text)]).toEqual(places);
});
