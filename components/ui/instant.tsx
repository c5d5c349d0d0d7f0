"use client";

import { Tooltip } from "@mantine/core";
import { formatAge, formatAgo, formatIso, formatUtc, formatUtcTime, toMs } from "./format.ts";
import { useNow } from "./server-clock.ts";
import classes from "./small.module.css";

type Props = {
  at: Date | string;
  /** `age` (4 h), `ago` (4 h ago), `time` (14:02:31), `minute` (Tue 24 Nov 21:49 UTC) or `future` (in 4 h). */
  as?: "age" | "ago" | "time" | "minute" | "future";
};

/** An instant: in UTC or as an age, with the whole of it, local time and age on hover and focus. */
export function Instant({ at, as = "minute" }: Props) {
  const now = useNow();
  const text = {
    age: () => formatAge(at, now),
    ago: () => formatAgo(at, now),
    time: () => formatUtcTime(at),
    minute: () => formatUtc(at, now),
    future: () => (toMs(at) >= now ? `in ${formatAge(new Date(now), toMs(at))}` : formatAgo(at, now)),
  }[as]();
  return (
    <Tooltip label={<Whole at={at} now={now} />} multiline>
      <time dateTime={formatIso(at)} className={classes.instant}>
        {text}
      </time>
    </Tooltip>
  );
}

function Whole({ at, now }: { at: Date | string; now: number }) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const local = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
    timeZone: zone,
  }).format(new Date(toMs(at)));
  const late = toMs(at) <= now;
  return (
    <div className="mono">
      <div>{formatIso(at)}</div>
      <div>
        {local} {zone}
      </div>
      <div>{late ? formatAgo(at, now) : `in ${formatAge(new Date(now), toMs(at))}`}</div>
    </div>
  );
}
