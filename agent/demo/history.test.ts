import { expect, test } from "vitest";
import { inventHistory } from "./history.ts";
import { PROFILES, type Profile } from "./profiles.ts";

const span = {
  from: new Date("2026-03-02T00:00:00Z"),
  to: new Date("2026-03-09T00:00:00Z"),
  timeZone: "UTC",
  seed: 5,
};
const profile = (name: string) => PROFILES.find((one) => one.name === name) as Profile;

test("the same seed invents the same past", () => {
  const day = { ...span, to: new Date("2026-03-03T00:00:00Z") };
  expect(inventHistory(profile("kyc-reviewer-002"), day)).toEqual(
    inventHistory(profile("kyc-reviewer-002"), day),
  );
});

test("the payment analyzer makes about a hundred calls a minute in the afternoon and none at three in the morning", () => {
  const minutes = inventHistory(profile("payment-analyzer-003"), span);
  const at = (hour: number) =>
    minutes.filter((minute) => minute.at.getUTCHours() === hour && minute.at.getUTCDay() === 3);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  expect(mean(at(14).map((m) => m.calls))).toBeGreaterThan(70);
  expect(mean(at(14).map((m) => m.calls))).toBeLessThan(130);
  expect(at(3)).toHaveLength(0);
});

test("every transition counted is one the profile allows", () => {
  const { steps } = profile("fraud-detector-001");
  const allowed = Object.values(steps).flatMap((step) =>
    Object.keys(step.next).map((name) => `${step.action}>${steps[name]?.action}`),
  );
  for (const minute of inventHistory(profile("fraud-detector-001"), {
    ...span,
    to: new Date("2026-03-03T00:00:00Z"),
  }))
    expect(Object.keys(minute.transitions).every((step) => allowed.includes(step))).toBe(true);
});
