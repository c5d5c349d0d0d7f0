"use client";

import {
  CartesianGrid,
  ReferenceLine,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { timeAxis, valueAxis } from "./axes.ts";
import type { ChartThreshold } from "./behaviour-chart.tsx";
import { ChartFrame } from "./chart-frame.tsx";
import classes from "./charts.module.css";

export type StripDot = { atMs: number; score: number; name: string; words: string; colour: string };

type Props = {
  label: string;
  dots: readonly StripDot[];
  thresholds: readonly ChartThreshold[];
  fromMs: number;
  toMs: number;
  format: (score: number) => string;
  hrefOf: (dot: StripDot) => string;
  onOpen: (dot: StripDot) => void;
  heightPx?: number;
};

/** What passed the first line, each a dot at its height, with the three lines; the same as a table at a press. */
export function AnomalyStrip(props: Props) {
  return <ChartFrame label={props.label} chart={<Drawn {...props} />} table={<StripTable {...props} />} />;
}

function Drawn({ dots, thresholds, fromMs, toMs, format, onOpen, heightPx = 170 }: Props) {
  return (
    <ResponsiveContainer width="100%" height={heightPx} initialDimension={{ width: 640, height: heightPx }}>
      <ScatterChart margin={{ top: 6, right: 54, bottom: 0, left: -12 }} accessibilityLayer>
        <CartesianGrid stroke="var(--v-line)" vertical={false} strokeDasharray="2 4" />
        <XAxis {...timeAxis(fromMs, toMs)} domain={[fromMs, toMs + (toMs - fromMs) / 100]} />
        <YAxis
          {...valueAxis(format)}
          dataKey="score"
          type="number"
          domain={[0.45, 1.03]}
          ticks={[0.5, 0.7, 0.9]}
        />
        <Tooltip content={<Tip format={format} />} cursor={false} isAnimationActive={false} />
        {thresholds.map((line) => (
          <ReferenceLine
            key={line.label}
            y={line.value}
            stroke={line.colour}
            strokeDasharray="3 3"
            label={{ value: line.label, position: "right", fill: line.colour, fontSize: 11 }}
          />
        ))}
        <Scatter
          data={[...dots]}
          isAnimationActive={false}
          shape={(given: DotProps) => <Dot {...given} onOpen={onOpen} />}
        />
      </ScatterChart>
    </ResponsiveContainer>
  );
}

type DotProps = { cx?: number; cy?: number; payload?: StripDot };

function Dot({ cx, cy, payload, onOpen }: DotProps & { onOpen: (dot: StripDot) => void }) {
  if (cx === undefined || cy === undefined || !payload) return <g />;
  return (
    // The table beside it holds the same as links: this is only the shorter way for a pointer.
    // biome-ignore lint/a11y/noStaticElementInteractions: the keyboard has the table
    <circle
      cx={cx}
      cy={cy}
      r={3.5}
      fill={payload.colour}
      fillOpacity={0.85}
      stroke="var(--v-surface)"
      strokeWidth={1}
      style={{ cursor: "pointer" }}
      onClick={() => onOpen(payload)}
    />
  );
}

type TipProps = { format: Props["format"]; active?: boolean; payload?: { payload: StripDot }[] };

function Tip({ format, active, payload }: TipProps) {
  const dot = payload?.[0]?.payload;
  if (!active || !dot) return null;
  return (
    <div className={classes.tip} style={{ maxWidth: 360 }}>
      <div className="mono">{stamp(dot.atMs)} UTC</div>
      <div>
        {dot.name} <strong>{format(dot.score)}</strong>
      </div>
      <div style={{ color: "var(--v-muted)", whiteSpace: "normal" }}>{dot.words}</div>
    </div>
  );
}

function StripTable({ label, dots, format, hrefOf }: Props) {
  const newest = [...dots].sort((a, b) => b.atMs - a.atMs);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <section className={classes.twin} tabIndex={0} aria-label={`${label} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time (UTC)</th>
            <th scope="col">Agent</th>
            <th scope="col">Score</th>
            <th scope="col">Because of</th>
          </tr>
        </thead>
        <tbody>
          {newest.map((dot) => (
            <tr key={`${dot.atMs} ${dot.name}`}>
              <td className="mono">{stamp(dot.atMs)}</td>
              <td>
                <a href={hrefOf(dot)}>{dot.name}</a>
              </td>
              <td>{format(dot.score)}</td>
              <td>{dot.words}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const stamp = (ms: number) => new Date(ms).toISOString().replace("T", " ").slice(0, 19);
