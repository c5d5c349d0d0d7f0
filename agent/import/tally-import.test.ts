import { expect, test } from "vitest";
import { reconcile, tallyLine } from "./tally-import.ts";

const good = { agent: "a", read: 3, admitted: 2, refused: 1, reasons: { scope_missing: 1 } };

test("counts that add up reconcile", () => {
  expect(
    reconcile(5, 0, [good, { agent: "b", read: 2, admitted: 2, refused: 0, reasons: {} }]),
  ).toMatchObject({
    read: 5,
    admitted: 4,
    refused: 1,
    reconciled: true,
  });
});

test("a call that was neither admitted nor refused is told, even when another agent has one too many", () => {
  const short = { ...good, admitted: 1 };
  const long = { ...good, agent: "b", admitted: 3 };
  expect(reconcile(6, 0, [short, long]).reconciled).toBe(false);
});

test("a refusal without a reason is told", () => {
  expect(reconcile(3, 0, [{ ...good, reasons: {} }]).reconciled).toBe(false);
});

test("an agent that was left out is told", () => {
  expect(reconcile(6, 0, [good]).reconciled).toBe(false);
});

test("the line says why calls were refused", () => {
  expect(tallyLine(good)).toBe("a: 3 read, 2 admitted, 1 refused (1 scope_missing)");
});
