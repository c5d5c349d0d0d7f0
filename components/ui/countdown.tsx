"use client";

import { formatCountdown, formatDuration, toMs } from "./format.ts";
import { useNow } from "./server-clock.ts";

/** Time left to a stored deadline, by the server's clock. Overdue counts up with a minus sign and the word. */
export function Countdown({ dueAt }: { dueAt: Date | string }) {
  const leftMs = toMs(dueAt) - useNow();
  const spoken = leftMs < 0 ? `overdue by ${formatDuration(-leftMs)}` : `${formatDuration(leftMs)} left`;
  return (
    <span className="mono" role="timer" aria-label={spoken} style={{ fontSize: "1em" }}>
      {formatCountdown(leftMs)}
    </span>
  );
}
