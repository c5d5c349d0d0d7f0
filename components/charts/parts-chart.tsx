"use client";

import {
  Bar,
  BarChart,
  CartesianGrid,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { timeAxis, valueAxis } from "./axes.ts";
import type { ChartThreshold } from "./behaviour-chart.tsx";
import { ChartFrame } from "./chart-frame.tsx";
import classes from "./charts.module.css";

/** A stretch, by its middle, and its highest minute: what its height is made of, in the order of `series`. */
export type PartsPoint = { atMs: number; minuteMs: number; total: number; parts: readonly number[] };
export type PartsSeries = { name: string; colour: string };

type Props = {
  label: string;
  series: readonly PartsSeries[];
  points: readonly PartsPoint[];
  thresholds: readonly ChartThreshold[];
  fromMs: number;
  toMs: number;
  stepMs: number;
  format: (value: number) => string;
  heightPx?: number;
};

/** Heights that are made of named parts, with their lines and a legend; the same as a table at a press. */
export function PartsChart(props: Props) {
  return (
    <div>
      <ChartFrame label={props.label} chart={<Drawn {...props} />} table={<PartsTable {...props} />} />
      <ul className={classes.legend} aria-label="Parts">
        {props.series.map(({ name, colour }) => (
          <li key={name}>
            <span className={classes.swatch} style={{ background: colour }} />
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Drawn({ series, points, thresholds, fromMs, toMs, stepMs, format, heightPx = 190 }: Props) {
  const width = Math.max(1, Math.min(14, (560 * stepMs) / (toMs - fromMs)));
  return (
    <ResponsiveContainer width="100%" height={heightPx} initialDimension={{ width: 640, height: heightPx }}>
      <BarChart data={[...points]} margin={{ top: 6, right: 54, bottom: 0, left: -12 }} accessibilityLayer>
        <CartesianGrid stroke="var(--v-line)" vertical={false} strokeDasharray="2 4" />
        <XAxis {...timeAxis(fromMs, toMs)} />
        <YAxis {...valueAxis(format)} domain={[0, 1]} ticks={[0, 0.5, 0.7, 0.9]} />
        <Tooltip
          content={<Tip series={series} format={format} />}
          cursor={{ fill: "var(--v-hover)" }}
          isAnimationActive={false}
        />
        {thresholds.map((line) => (
          <ReferenceLine
            key={line.label}
            y={line.value}
            stroke={line.colour}
            strokeDasharray="3 3"
            label={{ value: line.label, position: "right", fill: line.colour, fontSize: 11 }}
          />
        ))}
        {series.map(({ name, colour }, index) => (
          <Bar
            key={name}
            dataKey={(point: PartsPoint) => point.parts[index] ?? 0}
            name={name}
            stackId="score"
            fill={colour}
            barSize={width}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

type TipProps = {
  series: Props["series"];
  format: Props["format"];
  active?: boolean;
  payload?: { payload: PartsPoint }[];
};

function Tip({ series, format, active, payload }: TipProps) {
  const point = payload?.[0]?.payload;
  if (!active || !point) return null;
  return (
    <div className={classes.tip}>
      <div className="mono">{stamp(point.minuteMs)} UTC</div>
      <strong>{format(point.total)}</strong>
      {series.map(({ name, colour }, index) =>
        (point.parts[index] ?? 0) < 0.005 ? null : (
          <div key={name}>
            <span className={classes.swatch} style={{ background: colour, display: "inline-block" }} /> {name}{" "}
            {format(point.parts[index] ?? 0)}
          </div>
        ),
      )}
    </div>
  );
}

function PartsTable({ label, series, points, format }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <section className={classes.twin} tabIndex={0} aria-label={`${label} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time (UTC)</th>
            <th scope="col">Score</th>
            {series.map(({ name }) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...points].reverse().map((point) => (
            <tr key={point.atMs}>
              <td className="mono">{stamp(point.minuteMs)}</td>
              <td>{format(point.total)}</td>
              {series.map(({ name }, index) => (
                <td key={name}>{(point.parts[index] ?? 0) === 0 ? "—" : format(point.parts[index] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const stamp = (ms: number) => new Date(ms).toISOString().replace("T", " ").slice(0, 19);
