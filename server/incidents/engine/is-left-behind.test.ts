import { expect, test } from "vitest";
import { isLeftBehind } from "./is-left-behind.ts";

const requestedAt = new Date("2026-11-23T12:00:00Z");
const later = (seconds: number) => new Date(requestedAt.getTime() + seconds * 1_000);
const all = (status: string) =>
  ["snapshot", "incident", "alert"].map((step) => ({ step, status, finishedAt: later(1) }));

test("steps that are under way are left to whoever takes them; missing ones are taken over after three seconds", () => {
  expect(isLeftBehind({ requestedAt }, [], later(3))).toBe(false);
  expect(isLeftBehind({ requestedAt }, [], later(3.1))).toBe(true);
  expect(isLeftBehind({ requestedAt }, all("done").slice(1), later(4))).toBe(true);
});

test("a step that fails is tried every five seconds, not as fast as it fails", () => {
  expect(isLeftBehind({ requestedAt }, all("failed"), later(6))).toBe(false);
  expect(isLeftBehind({ requestedAt }, all("failed"), later(6.1))).toBe(true);
});

test("what is done, or waits for gateways alone, is not left behind", () => {
  expect(isLeftBehind({ requestedAt }, all("done"), later(3_600))).toBe(false);
  const waiting = [...all("done"), { step: "connections", status: "failed", finishedAt: later(10) }];
  expect(isLeftBehind({ requestedAt }, waiting, later(3_600))).toBe(false);
});
