import fc from "fast-check";
import { expect, it } from "vitest";
import { plainText } from "./plain-text.ts";

it("text of strangers holds nothing that hides, breaks a line or turns the reading direction", () => {
  expect(plainText("pay\u202Eroll\u200B\u0000-bot\r\nroot\u{E0041}", 80)).toBe("payroll-bot root");
  expect(plainText(`a${"\u0300".repeat(50)}b`, 20)).toBe("a b");
  expect(plainText("\ud800x", 20)).toBe("x");
});

it("stays within its length, in whole characters, whatever comes", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.integer({ min: 1, max: 60 }),
      (text, max) => {
        const plain = plainText(text, max);
        expect([...plain].length).toBeLessThanOrEqual(max);
        expect(plain).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect(plainText(plain, max)).toBe(plain);
      },
    ),
  );
});
