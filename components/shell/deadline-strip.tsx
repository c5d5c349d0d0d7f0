"use client";

import { IconClockExclamation } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { CSSProperties } from "react";
import { useTRPC } from "../trpc/client.ts";
import { Countdown } from "../ui/countdown.tsx";
import { formatInZone, formatUtc, incidentName, toMs } from "../ui/format.ts";
import { useNow } from "../ui/server-clock.ts";
import { toneColor } from "../ui/tone.ts";
import { clockTone, recipientName } from "./clock-words.ts";
import { useOperator } from "./operator.tsx";
import classes from "./shell.module.css";

/** The nearest running clock, on every page while one runs. It can be followed, not dismissed. */
export function DeadlineStrip() {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.clocks.running.queryOptions());
  const now = useNow();
  const { timeZone } = useOperator();
  const clock = data?.clocks[0];
  if (!clock) return null;
  const leftMs = toMs(clock.dueAt) - now;
  const more = data.clocks.length - 1;
  const name = incidentName(clock.incidentNumber);
  return (
    <Link
      href={`/incidents/${clock.incidentNumber}`}
      className={classes.strip}
      style={{ "--tone": toneColor(clockTone(leftMs)) } as CSSProperties}
    >
      <span className={classes.stripLead}>
        <IconClockExclamation size={15} aria-hidden />
        {clock.drill ? "DRILL " : ""}
        {name}
      </span>
      <span className={classes.hideNarrow}>
        {recipientName(clock.recipient)}, {clock.title}
      </span>
      <span className={classes.stripTime}>
        <Countdown dueAt={clock.dueAt} /> {leftMs < 0 ? "overdue" : "left"}
      </span>
      <span className={`muted ${classes.hideNarrow}`}>
        due {formatUtc(clock.dueAt, now)}
        {timeZone === "UTC" ? "" : ` · ${formatInZone(clock.dueAt, timeZone)}`}
      </span>
      {more > 0 ? (
        <span className={classes.stripMore}>
          {more} more {more === 1 ? "clock" : "clocks"}
        </span>
      ) : null}
    </Link>
  );
}
