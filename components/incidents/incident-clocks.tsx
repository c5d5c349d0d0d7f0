"use client";

import { Button } from "@mantine/core";
import type { CSSProperties } from "react";
import type { ClockView, IncidentDetail } from "#server/incidents/views.ts";
import { clockTone } from "../shell/clock-words.ts";
import { useOperator } from "../shell/operator.tsx";
import { Countdown } from "../ui/countdown.tsx";
import { formatDuration, formatInZone, formatUtc, toMs } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Meter } from "../ui/meter.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import { useNow } from "../ui/server-clock.ts";
import { type Tone, toneColor } from "../ui/tone.ts";
import classes from "./incidents.module.css";

type Props = { incident: IncidentDetail; onReceipt: () => void };

/** The incident's deadlines, each with its rule, its trigger, who must be told and how. */
export function IncidentClocks({ incident, onReceipt }: Props) {
  return (
    <Panel title="Clocks" note="run on server time, cannot be paused" flush>
      {incident.clocks.length === 0 ? (
        <EmptyState title="No clock runs">
          The 36 hours begin when a person determines that this must be notified: not at detection, and never
          by a score.
        </EmptyState>
      ) : (
        incident.clocks.map((clock) => (
          <Clock
            key={clock.id}
            clock={clock}
            onReceipt={incident.canRecordReceipt.allowed ? onReceipt : null}
          />
        ))
      )}
    </Panel>
  );
}

function Clock({ clock, onReceipt }: { clock: ClockView; onReceipt: (() => void) | null }) {
  const now = useNow();
  const { timeZone } = useOperator();
  const dueMs = toMs(clock.dueAt);
  const anchorMs = toMs(clock.anchorAt);
  const runs = clock.status === "running" || clock.status === "overdue";
  const endMs = clock.receivedAt ? toMs(clock.receivedAt) : now;
  const tone: Tone = runs
    ? clockTone(dueMs - now)
    : clock.status === "received"
      ? "ok"
      : clock.status === "received-late"
        ? "high"
        : "neutral";
  return (
    <div className={classes.clock} style={{ "--tone": toneColor(tone) } as CSSProperties}>
      <div className={classes.clockHead}>
        <div>
          <strong>
            {clock.contact.agency} · {clock.title}
          </strong>
          <div className={classes.small}>
            from {clock.anchorEvent === "determined" ? "the determination" : clock.anchorEvent},{" "}
            <Instant at={clock.anchorAt} /> by {clock.anchoredBy.email ?? clock.anchoredBy.id}, {clock.basis}
          </div>
        </div>
        <div className={classes.clockTime}>
          {runs ? <Countdown dueAt={clock.dueAt} /> : <Stopped clock={clock} />}
        </div>
      </div>
      <Meter
        part={(endMs - anchorMs) / (dueMs - anchorMs)}
        tone={tone}
        label="Part of the time that is over"
      />
      <div className={classes.small} style={{ marginTop: 6 }}>
        due {formatUtc(clock.dueAt, now)}
        {timeZone === "UTC" ? "" : ` · ${formatInZone(clock.dueAt, timeZone)}`}
        {alarmWords(clock)}
      </div>
      {runs ? (
        <>
          <ul className={classes.contact} aria-label={`Contacts of ${clock.contact.agency}`}>
            {clock.contact.channels.map(({ kind, value }) => (
              <li key={value}>
                <span className="muted">{kind}</span> {value}
              </li>
            ))}
            <li className="muted">
              as published in {clock.contact.source}, {clock.contact.from}
            </li>
          </ul>
          {onReceipt ? (
            <Button mt="sm" onClick={onReceipt}>
              Record receipt…
            </Button>
          ) : null}
        </>
      ) : null}
      {clock.receipt ? (
        <div className={classes.small} style={{ marginTop: 4 }}>
          receipt {clock.receipt.reference}, recorded by{" "}
          {clock.receipt.recordedBy.email ?? clock.receipt.recordedBy.id}
          {clock.receivedAt ? `, ${margin(dueMs - toMs(clock.receivedAt))}` : ""}
        </div>
      ) : null}
    </div>
  );
}

function alarmWords({ alarms }: ClockView): string {
  const before = alarms.filter(({ hoursLeft }) => hoursLeft > 0).map(({ hoursLeft }) => `${hoursLeft} h`);
  return before.length > 0 ? ` · alarms at ${before.join(", ")} left` : "";
}

function margin(leftMs: number): string {
  return leftMs >= 0
    ? `${formatDuration(leftMs)} before the limit`
    : `${formatDuration(-leftMs)} after the limit`;
}

function Stopped({ clock }: { clock: ClockView }) {
  const words: Record<string, string> = {
    received: "received in time",
    "received-late": "received late",
    superseded: "withdrawn",
  };
  return <>{words[clock.status] ?? clock.status}</>;
}
