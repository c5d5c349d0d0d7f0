import { describe, expect, it } from "vitest";
import { byNumber } from "./use-search.ts";

describe("search", () => {
  it.each([
    ["INC-0042", "/incidents/42"],
    ["inc42", "/incidents/42"],
    ["al-981", "/alerts?alert=981"],
  ])("%s goes straight to %s", (text, href) => expect(byNumber(text)[0]?.href).toBe(href));

  it.each(["INC-", "incident", "AL-0", "42", "INC-4x"])("%s is no number", (text) =>
    expect(byNumber(text)).toEqual([]));
});
