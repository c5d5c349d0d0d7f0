"use client";

import { createContext, createElement, type ReactNode, useContext, useSyncExternalStore } from "react";

// The page's only clock. It runs on the browser's monotonic timer from an instant that the server gave, so
// neither a wrong clock on the desk nor a change to it moves a countdown.
let anchor: { serverMs: number; timerMs: number; uncertainMs: number } | null = null;
let shownMs = 0;
let interval: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();
const RESYNC_AFTER_MS = 60_000;

/** Takes a server instant for the time shown; `roundTripMs` bounds its error, and the better one stays. */
export function syncServerClock(serverMs: number, roundTripMs = 0): void {
  const timerMs = performance.now();
  const stale = anchor !== null && timerMs - anchor.timerMs > RESYNC_AFTER_MS;
  const jumped = anchor !== null && Math.abs(serverNowMs() - serverMs) > 1_000 + roundTripMs;
  if (anchor && !stale && !jumped && anchor.uncertainMs <= roundTripMs) return;
  anchor = { serverMs: serverMs + roundTripMs / 2, timerMs, uncertainMs: roundTripMs };
  tick();
}

/** Server time now, in ms since 1970. */
export function serverNowMs(): number {
  if (!anchor) return shownMs;
  return anchor.serverMs + (performance.now() - anchor.timerMs);
}

function tick(): void {
  shownMs = serverNowMs();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  interval ??= setInterval(tick, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(interval);
    interval = undefined;
  };
}

const RenderedAt = createContext(0);

/** Starts the clock with the instant at which the server rendered the page. */
export function ServerClock({ renderedAtMs, children }: { renderedAtMs: number; children: ReactNode }) {
  if (typeof window !== "undefined" && !anchor) {
    anchor = { serverMs: renderedAtMs, timerMs: performance.now(), uncertainMs: Number.POSITIVE_INFINITY };
    shownMs = renderedAtMs;
  }
  return createElement(RenderedAt.Provider, { value: renderedAtMs }, children);
}

/** Server time in ms since 1970, renewed every second: the one clock of every countdown and age. */
export function useNow(): number {
  const renderedAtMs = useContext(RenderedAt);
  return useSyncExternalStore(
    subscribe,
    () => shownMs || renderedAtMs,
    () => renderedAtMs,
  );
}
