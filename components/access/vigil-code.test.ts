import { describe, expect, it } from "vitest";
import { vigilCode } from "./vigil-code.ts";

describe("an error's code", () => {
  it("is what the server named", () => {
    expect(vigilCode({ message: "…", data: { vigil: { code: "step_up_required" } } })).toBe(
      "step_up_required",
    );
  });

  it("is null for anything that did not come from the server, so that no act is repeated by mistake", () => {
    for (const error of [
      null,
      undefined,
      "step_up_required",
      new Error("step_up_required"),
      { data: null },
      { data: { code: "FORBIDDEN" } },
    ])
      expect(vigilCode(error)).toBeNull();
  });
});
