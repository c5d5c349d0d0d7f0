import { describe, expect, test } from "vitest";
import { kindWords, pointWords } from "./place-words.ts";

describe("a place in words", () => {
  test.each([
    [50.11, 8.68, "50.11° N, 8.68° E"],
    [-17.5, -179.25, "17.5° S, 179.25° W"],
    [0, 0, "0° N, 0° E"],
    [1.352_083, 103.819_836, "1.3521° N, 103.8198° E"],
  ])("%d, %d is %s", (latitude, longitude, words) => {
    expect(pointWords({ latitude, longitude })).toBe(words);
  });

  test("its kind", () => {
    expect([kindWords("data-centre"), kindWords("other")]).toEqual(["own data centre", "other"]);
  });
});
