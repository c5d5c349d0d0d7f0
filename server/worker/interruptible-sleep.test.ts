import { expect, test } from "vitest";
import { createInterruptibleSleep } from "./interruptible-sleep.ts";

const HOUR_MS = 3_600_000;

test("a ring ends the sleep", async () => {
  const sleep = createInterruptibleSleep();
  const slept = sleep.sleep(HOUR_MS);
  sleep.ring();
  await slept;
});

test("a ring that came before the sleep is not lost, and counts once", async () => {
  const sleep = createInterruptibleSleep();
  sleep.ring();
  sleep.ring();
  await sleep.sleep(HOUR_MS);
  let ended = false;
  const second = sleep.sleep(HOUR_MS).then(() => {
    ended = true;
  });
  await Promise.resolve();
  expect(ended).toBe(false);
  sleep.close();
  await second;
});

test("a deaf sleep ends at its time, and keeps the ring for the next one", async () => {
  const sleep = createInterruptibleSleep();
  const from = performance.now();
  const slept = sleep.sleep(40, { deaf: true });
  sleep.ring();
  await slept;
  expect(performance.now() - from).toBeGreaterThanOrEqual(35);
  await sleep.sleep(HOUR_MS);
});

test("closing ends every sleep, deaf or not, also those still to come", async () => {
  const sleep = createInterruptibleSleep();
  const slept = sleep.sleep(HOUR_MS, { deaf: true });
  sleep.close();
  await slept;
  await sleep.sleep(HOUR_MS);
  expect(sleep.closed()).toBe(true);
});
