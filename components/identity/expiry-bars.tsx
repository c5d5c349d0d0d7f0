"use client";

import { type AgentSummary, PURPOSES } from "#server/layers/identity/schema.ts";
import { formatDuration, toMs } from "../ui/format.ts";
import { Meter } from "../ui/meter.tsx";
import { useNow } from "../ui/server-clock.ts";
import classes from "./identity.module.css";
import { lifeTone, lifeUsed } from "./lifetime.ts";

/** An agent's five credentials as five short bars: how much of each life is used. */
export function ExpiryBars({ expiries }: Pick<AgentSummary, "expiries">) {
  const now = useNow();
  if (expiries.length === 0) return <span className="muted">none yet</span>;
  return (
    <div className={classes.bars}>
      {PURPOSES.map((purpose) => {
        const one = expiries.find((it) => it.purpose === purpose);
        if (!one)
          return <Meter key={purpose} part={0} tone="neutral" label={`${purpose}: none`} heightPx={8} />;
        const used = lifeUsed(toMs(one.notBefore), toMs(one.endsAt), now);
        const leftMs = toMs(one.endsAt) - now;
        const left = leftMs > 0 ? `${formatDuration(leftMs)} left` : `ended ${formatDuration(-leftMs)} ago`;
        return (
          <Meter key={purpose} part={used} tone={lifeTone(used)} label={`${purpose}: ${left}`} heightPx={8} />
        );
      })}
    </div>
  );
}
