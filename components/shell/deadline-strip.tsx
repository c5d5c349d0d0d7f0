"use client";

import { IconClockExclamation } from "@tabler/icons-react";
import Link from "next/link";
import { Countdown } from "../ui/countdown.tsx";
import { formatInZone, formatUtc, incidentName, toMs } from "../ui/format.ts";
import { useNow } from "../ui/server-clock.ts";
import { type Tone, toneColor } from "../ui/tone.ts";
import { useOperator } from "./operator.tsx";
import classes from "./shell.module.css";
import { useRunningClocks } from "./use-running-clocks.ts";

const HOUR_MS = 3_600_000;

/** How pressing a deadline is: overdue or within 4 h, within 12 h, or later. */
export function clockTone(leftMs: number): Tone {
  if (leftMs <= 4 * HOUR_MS) return "critical";
  return leftMs <= 12 * HOUR_MS ? "high" : "medium";
}

/** The nearest running clock, on every page while one runs. It can be followed, not dismissed. */
export function DeadlineStrip() {
  const clocks = useRunningClocks();
  const now = useNow();
  const { timeZone } = useOperator();
  const nearest = clocks[0];
  if (!nearest) return null;
  const leftMs = toMs(nearest.dueAt) - now;
  return (
    <Link
      href={`/incidents/${nearest.incidentNumber}`}
      className={classes.strip}
      style={{ "--tone": toneColor(clockTone(leftMs)) } as React.CSSProperties}
      aria-label={`${leftMs < 0 ? "Overdue" : "Running"} deadline: ${nearest.title}, ${incidentName(nearest.incidentNumber)}`}
    >
      <span className={classes.stripLead}>
        <IconClockExclamation size={15} aria-hidden />
        {nearest.drill ? "DRILL " : ""}
        {incidentName(nearest.incidentNumber)}
      </span>
      <span className={classes.hideNarrow}>{nearest.title}</span>
      <span className={classes.stripTime}>
        <Countdown dueAt={nearest.dueAt} /> {leftMs < 0 ? "overdue" : "left"}
      </span>
      <span className={`muted ${classes.hideNarrow}`}>
        due {formatUtc(nearest.dueAt, now)}
        {timeZone === "UTC" ? "" : ` · ${formatInZone(nearest.dueAt, timeZone)}`}
      </span>
      {clocks.length > 1 ? (
        <span className={classes.stripMore}>
          {clocks.length - 1} more {clocks.length === 2 ? "clock" : "clocks"}
        </span>
      ) : null}
    </Link>
  );
}
