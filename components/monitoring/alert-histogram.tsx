"use client";

import { useState } from "react";
import type { AlertFacets } from "#server/layers/monitoring/alert-work-schema.ts";
import { ALERT_SEVERITIES } from "#server/layers/monitoring/schema.ts";
import { ChartFrame } from "../charts/chart-frame.tsx";
import charts from "../charts/charts.module.css";
import { formatIso } from "../ui/format.ts";
import { severityTone, toneColor } from "../ui/tone.ts";
import classes from "./alerts.module.css";

type Props = { histogram: AlertFacets["histogram"]; onSpan: (from: Date, to: Date) => void };
type Bar = { at: Date; counts: Record<string, number>; sum: number };

/** When matching alerts were opened, by severity. One bar, or two pressed with Shift, narrow the query to their span. */
export function AlertHistogram({ histogram: { stepMs, bars }, onSpan }: Props) {
  const [first, setFirst] = useState<Date | null>(null);
  if (bars.length === 0) return null;
  const filled = fill(bars, stepMs);
  const choose = (at: Date, extend: boolean) => {
    const from = extend && first ? new Date(Math.min(first.getTime(), at.getTime())) : at;
    const last = extend && first ? Math.max(first.getTime(), at.getTime()) : at.getTime();
    setFirst(at);
    onSpan(from, new Date(last + stepMs));
  };
  return (
    <ChartFrame
      label="Opened"
      chart={<Bars bars={filled} choose={choose} />}
      table={
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
        <section className={charts.twin} tabIndex={0} aria-label="Opened, as a table">
          <table>
            <thead>
              <tr>
                <th scope="col">From (UTC)</th>
                {ALERT_SEVERITIES.map((severity) => (
                  <th key={severity} scope="col">
                    {severity}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {filled
                .filter(({ sum }) => sum > 0)
                .reverse()
                .map(({ at, counts }) => (
                  <tr key={at.getTime()}>
                    <td className="mono">{formatIso(at).slice(0, 16).replace("T", " ")}</td>
                    {ALERT_SEVERITIES.map((severity) => (
                      <td key={severity}>{counts[severity] ?? 0}</td>
                    ))}
                  </tr>
                ))}
            </tbody>
          </table>
        </section>
      }
    />
  );
}

function Bars({ bars, choose }: { bars: readonly Bar[]; choose: (at: Date, extend: boolean) => void }) {
  const most = Math.max(...bars.map(({ sum }) => sum));
  return (
    <div className={classes.bars}>
      {bars.map(({ at, counts, sum }) => (
        <button
          key={at.getTime()}
          type="button"
          disabled={sum === 0}
          onClick={(event) => choose(at, event.shiftKey)}
          aria-label={`${sum} opened from ${formatIso(at).slice(0, 16)}`}
          title={`${formatIso(at).slice(0, 16)}: ${sum}`}
        >
          {[...ALERT_SEVERITIES].reverse().map((severity) => (
            <span
              key={severity}
              style={{
                height: `${((counts[severity] ?? 0) / most) * 100}%`,
                background: toneColor(severityTone(severity)),
              }}
            />
          ))}
        </button>
      ))}
    </div>
  );
}

/** Steps in which nothing was opened are bars, too. */
function fill(bars: AlertFacets["histogram"]["bars"], stepMs: number): Bar[] {
  const byStart = new Map(bars.map((bar) => [bar.at.getTime(), bar.counts]));
  const from = bars[0]?.at.getTime() ?? 0;
  const last = bars.at(-1)?.at.getTime() ?? from;
  return Array.from({ length: Math.min(120, Math.round((last - from) / stepMs) + 1) }, (_, index) => {
    const ms = from + index * stepMs;
    const counts = byStart.get(ms) ?? {};
    return { at: new Date(ms), counts, sum: Object.values(counts).reduce((sum, count) => sum + count, 0) };
  });
}
