import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serverNowMs, syncServerClock } from "./server-clock.ts";

const SERVER = Date.parse("2026-11-23T12:00:00Z");
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a desk whose clock is wrong, or is set back meanwhile, counts on server time", () => {
  vi.setSystemTime(Date.parse("2020-01-01T00:00:00Z"));
  syncServerClock(SERVER);
  expect(serverNowMs()).toBeCloseTo(SERVER, -1);
  vi.advanceTimersByTime(90_000);
  expect(serverNowMs()).toBeCloseTo(SERVER + 90_000, -1);
  vi.setSystemTime(Date.parse("2031-06-01T00:00:00Z"));
  expect(serverNowMs()).toBeCloseTo(SERVER + 90_000, -1);
});

test("the nearer of two answers stays, and a server that was moved is followed", () => {
  syncServerClock(SERVER);
  const before = serverNowMs();
  syncServerClock(before + 400, 800);
  expect(serverNowMs()).toBeCloseTo(before, -1);
  syncServerClock(before + 60_000);
  expect(serverNowMs()).toBeCloseTo(before + 60_000, -1);
});
