import { Fragment, type ReactNode } from "react";
import { Instant } from "./instant.tsx";
import classes from "./timeline.module.css";
import { type Tone, toneColor } from "./tone.ts";

export type TimelineEntry = {
  key: string;
  at: Date;
  tone: Tone;
  title: ReactNode;
  detail: ReactNode;
};

/** What happened, in order, with the day named where it changes. Times are UTC. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  return (
    <ol className={classes.list}>
      {entries.map((entry, index) => {
        const day = entry.at.toISOString().slice(0, 10);
        const newDay = entries[index - 1]?.at.toISOString().slice(0, 10) !== day;
        return (
          <Fragment key={entry.key}>
            {newDay ? (
              <li className={classes.day}>
                <span className="mono">{day}</span> UTC
              </li>
            ) : null}
            <li className={classes.entry}>
              <span className={`mono ${classes.time}`}>
                <Instant at={entry.at} as="time" />
              </span>
              <span className={classes.dot} style={{ background: toneColor(entry.tone) }} aria-hidden />
              <div className={classes.text}>
                <div>{entry.title}</div>
                {entry.detail ? <div className={classes.detail}>{entry.detail}</div> : null}
              </div>
            </li>
          </Fragment>
        );
      })}
    </ol>
  );
}
