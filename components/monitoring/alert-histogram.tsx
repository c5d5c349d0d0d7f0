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

/**
 * When matching alerts were opened, by severity. A press on a bar, or a drag over several, narrows the query to their
 * span; the table does the same by its buttons.
 */
export function AlertHistogram({ histogram: { stepMs, bars }, onSpan }: Props) {
  if (bars.length === 0) return null;
  const filled = fill(bars, stepMs);
  const choose = (one: Date, other: Date) => {
    const [from, to] = one <= other ? [one, other] : [other, one];
    onSpan(from, new Date(to.getTime() + stepMs));
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
                    <td className="mono">
                      <button type="button" className={charts.toggle} onClick={() => choose(at, at)}>
                        {formatIso(at).slice(0, 16).replace("T", " ")}
                      </button>
                    </td>
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

function Bars({ bars, choose }: { bars: readonly Bar[]; choose: (one: Date, other: Date) => void }) {
  const [from, setFrom] = useState<Date | null>(null);
  const [over, setOver] = useState<Date | null>(null);
  const most = Math.max(...bars.map(({ sum }) => sum));
  const total = bars.reduce((all, { sum }) => all + sum, 0);
  const brushed = (at: Date) => from !== null && over !== null && (at >= from ? at <= over : at >= over);
  return (
    <div
      className={classes.bars}
      role="img"
      aria-label={`${total} alerts by when they were opened, ${formatIso(bars[0]?.at ?? 0).slice(0, 16)} to ${formatIso(bars.at(-1)?.at ?? 0).slice(0, 16)}`}
      onPointerLeave={() => setFrom(null)}
    >
      {bars.map(({ at, counts, sum }) => (
        <div
          key={at.getTime()}
          className={brushed(at) ? classes.brushed : undefined}
          title={`${formatIso(at).slice(0, 16)}: ${sum}`}
          onPointerDown={() => {
            setFrom(at);
            setOver(at);
          }}
          onPointerEnter={() => setOver(at)}
          onPointerUp={() => {
            if (from) choose(from, at);
            setFrom(null);
          }}
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
        </div>
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
