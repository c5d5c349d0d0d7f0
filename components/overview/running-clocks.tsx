"use client";

import Link from "next/link";
import type { CSSProperties } from "react";
import { clockTone, recipientName } from "../shell/clock-words.ts";
import type { AppOutput } from "../trpc/output.ts";
import { Badge } from "../ui/badge.tsx";
import { Countdown } from "../ui/countdown.tsx";
import { formatUtc, incidentName, toMs } from "../ui/format.ts";
import { Meter } from "../ui/meter.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import { useNow } from "../ui/server-clock.ts";
import { toneColor } from "../ui/tone.ts";
import classes from "./overview.module.css";

type Clocks = AppOutput["overview"]["get"]["clocks"];

/** Deadlines that run, the nearest first. */
export function RunningClocks({ clocks }: { clocks: Clocks }) {
  const now = useNow();
  return (
    <Panel title="Running deadlines" note="by server time" flush>
      {clocks.length === 0 ? (
        <EmptyState title="No clock runs">
          A clock starts when a person determines that an incident must be notified, and never by itself.
        </EmptyState>
      ) : (
        clocks.map((clock) => {
          const dueMs = toMs(clock.dueAt);
          const anchorMs = toMs(clock.anchorAt);
          const tone = clockTone(dueMs - now);
          return (
            <Link
              key={clock.id}
              href={`/incidents/${clock.incidentNumber}`}
              className={classes.clock}
              style={{ "--tone": toneColor(tone) } as CSSProperties}
            >
              <span>
                <strong>{recipientName(clock.recipient)}</strong> · {incidentName(clock.incidentNumber)}{" "}
                {clock.drill ? <Badge tone="low">drill</Badge> : null}
                <br />
                <span className="muted">due {formatUtc(clock.dueAt, now)}</span>
              </span>
              <span className={classes.clockTime}>
                <Countdown dueAt={clock.dueAt} />
              </span>
              <span className={classes.clockBar}>
                <Meter
                  part={(now - anchorMs) / (dueMs - anchorMs)}
                  tone={tone}
                  label="Part of the time that is over"
                />
              </span>
            </Link>
          );
        })
      )}
    </Panel>
  );
}
