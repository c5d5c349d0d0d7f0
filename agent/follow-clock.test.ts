import fc from "fast-check";
import { expect, test } from "vitest";
import { followClock } from "./follow-clock.ts";

const OWN = new Date("2026-11-25T08:00:00.000Z");
const heard = (ms: number) => new Date(OWN.getTime() + ms);

test("a clock that is right is left alone, whatever the answers' delay and rounding", () => {
  const clock = followClock(() => OWN);
  for (const ms of [0, 999, -999, 4_000, -5_000, 5_000]) clock.hear(heard(ms));
  expect(clock.aheadMs()).toBe(0);
});

test("a clock that is wrong is corrected, either way, and again when the machine's is set right", () => {
  let own = OWN;
  const clock = followClock(() => own);
  clock.hear(heard(300_000));
  expect(clock.now()).toEqual(heard(300_000));
  own = heard(300_000);
  clock.hear(heard(300_000));
  expect([clock.aheadMs(), clock.now()]).toEqual([0, heard(300_000)]);
  clock.hear(heard(0));
  expect(clock.now()).toEqual(heard(0));
});

test("after any reading the clock is within five seconds of it", () => {
  const ms = fc.integer({ min: -1e9, max: 1e9 });
  fc.assert(
    fc.property(fc.array(ms, { minLength: 1, maxLength: 10 }), (readings) => {
      const clock = followClock(() => OWN);
      for (const reading of readings) {
        clock.hear(heard(reading));
        expect(Math.abs(clock.now().getTime() - heard(reading).getTime())).toBeLessThanOrEqual(5_000);
      }
    }),
  );
});
