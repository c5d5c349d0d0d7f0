"use client";

import { formatDuration } from "../ui/format.ts";
import { StaleBanner } from "../ui/notices.tsx";
import { useNow } from "../ui/server-clock.ts";
import { STALE_AFTER_MS, useLive } from "./live.ts";
import classes from "./shell.module.css";

function useAgeMs(): number | null {
  useNow();
  const { heardAtMs } = useLive();
  return heardAtMs === null ? null : Math.max(0, performance.now() - heardAtMs);
}

/** Live, and how old what is shown can be at most. Derived from what was heard, never from an open socket. */
export function LiveIndicator() {
  const ageMs = useAgeMs();
  if (ageMs === null)
    return (
      <span className={classes.live} data-state="connecting">
        <span className={classes.pulse} aria-hidden />
        connecting
      </span>
    );
  const stale = ageMs > STALE_AFTER_MS;
  return (
    <span
      className={classes.live}
      data-state={stale ? "stale" : "live"}
      title="Time since the server was last heard"
    >
      <span className={classes.pulse} aria-hidden />
      {stale ? "stale" : "live"}
      <span className={classes.hideNarrow}>{(ageMs / 1_000).toFixed(1)} s</span>
    </span>
  );
}

/** Says across the page that its data stopped coming; the last values stay readable below. */
export function StaleStrip() {
  const ageMs = useAgeMs();
  const { lost } = useLive();
  if (ageMs === null || ageMs <= STALE_AFTER_MS) return null;
  return (
    <StaleBanner>
      No word from the server for {formatDuration(ageMs)}
      {lost ? "; trying to connect again" : ""}. What you see is from before. Clocks keep counting.
    </StaleBanner>
  );
}
