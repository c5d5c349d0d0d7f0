"use client";

import { useSyncExternalStore } from "react";

/** How fresh the page is: when the server last said anything, in ms of the browser's monotonic timer. */
export type LiveState = { heardAtMs: number | null; lost: boolean };

let state: LiveState = { heardAtMs: null, lost: false };
const listeners = new Set<() => void>();
const initial = state;

/** Notes that the server was heard just now, or that the stream to it broke. */
export function setLive(next: "heard" | "lost"): void {
  state = next === "heard" ? { heardAtMs: performance.now(), lost: false } : { ...state, lost: true };
  for (const listener of listeners) listener();
}

/** The stream's state, for the indicator and the stale banner. */
export function useLive(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
    () => initial,
  );
}

/** Without a word from the server for this long, what is shown may be out of date. The stream beats more often. */
export const STALE_AFTER_MS = 10_000;
