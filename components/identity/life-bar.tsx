"use client";

import { formatDuration, toMs } from "../ui/format.ts";
import { Meter } from "../ui/meter.tsx";
import { useNow } from "../ui/server-clock.ts";
import { lifeTone, lifeUsed } from "./lifetime.ts";

type Props = { purpose: string; notBefore: Date; notAfter: Date };

/** How much of a certificate's life is used, and what is left, in words. */
export function LifeBar({ purpose, notBefore, notAfter }: Props) {
  const now = useNow();
  const used = lifeUsed(toMs(notBefore), toMs(notAfter), now);
  const leftMs = toMs(notAfter) - now;
  const left = leftMs > 0 ? `${formatDuration(leftMs)} left` : `ended ${formatDuration(-leftMs)} ago`;
  return (
    <div style={{ display: "flex", alignItems: "center", gap: 10 }}>
      <div style={{ flex: 1, minWidth: 60 }}>
        <Meter
          part={used}
          tone={lifeTone(used)}
          label={`${purpose}: ${Math.round(used * 100)} % of its life used, ${left}`}
        />
      </div>
      <span style={{ minWidth: 92, textAlign: "right" }}>{left}</span>
    </div>
  );
}
