"use client";

import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { timeAxis, valueAxis } from "./axes.ts";
import { ChartFrame } from "./chart-frame.tsx";
import classes from "./charts.module.css";
import { type LevelBand, type LevelPoint, levelRows } from "./level-rows.ts";

type Props = {
  /** What is drawn, for the heading of the table and for screen readers. */
  label: string;
  /** Heading of the table's column for what counted instead. */
  insteadLabel: string;
  points: readonly LevelPoint[];
  bands: readonly LevelBand[];
  edge: { value: number; label: string };
  fromMs: number;
  toMs: number;
  format: (value: number) => string;
  heightPx?: number;
};

/** A level from 0 to 1 that holds until it changes, with its edge and where something else counted; as a table at a press. */
export function LevelChart(props: Props) {
  return <ChartFrame label={props.label} chart={<Drawn {...props} />} table={<LevelTable {...props} />} />;
}

function Drawn({ label, points, bands, edge, fromMs, toMs, format, heightPx = 170 }: Props) {
  const inside = bands.filter((band) => band.toMs > fromMs && band.fromMs < toMs);
  return (
    <ResponsiveContainer width="100%" height={heightPx} initialDimension={{ width: 640, height: heightPx }}>
      <LineChart data={[...points]} margin={{ top: 6, right: 54, bottom: 0, left: -12 }} accessibilityLayer>
        <CartesianGrid stroke="var(--v-line)" vertical={false} strokeDasharray="2 4" />
        <XAxis {...timeAxis(fromMs, toMs)} />
        <YAxis {...valueAxis(format)} domain={[0, 1]} ticks={[0, 0.2, 0.4, 0.6, 0.8, 1]} interval={0} />
        <Tooltip
          content={<Tip format={format} bands={bands} />}
          cursor={{ stroke: "var(--v-muted)" }}
          isAnimationActive={false}
        />
        {inside.map((band) => (
          <ReferenceArea
            key={`${band.fromMs}`}
            x1={Math.max(band.fromMs, fromMs)}
            x2={Math.min(band.toMs, toMs)}
            fill="var(--v-medium)"
            fillOpacity={0.14}
            stroke="none"
          />
        ))}
        {inside.map((band) => (
          <ReferenceLine
            key={`${band.fromMs} level`}
            segment={[
              { x: Math.max(band.fromMs, fromMs), y: band.value },
              { x: Math.min(band.toMs, toMs), y: band.value },
            ]}
            stroke="var(--v-medium)"
            strokeWidth={1.6}
          />
        ))}
        <ReferenceLine
          y={edge.value}
          stroke="var(--v-muted)"
          strokeDasharray="3 3"
          label={{ value: edge.label, position: "right", fill: "var(--v-muted)", fontSize: 11 }}
        />
        <Line
          dataKey="value"
          name={label}
          type="stepAfter"
          stroke="var(--v-brand)"
          strokeWidth={1.6}
          dot={points.length === 1}
          activeDot={{ r: 3 }}
          isAnimationActive={false}
        />
      </LineChart>
    </ResponsiveContainer>
  );
}

type TipProps = {
  format: (value: number) => string;
  bands: readonly LevelBand[];
  active?: boolean;
  payload?: { payload: LevelPoint }[];
};

function Tip({ format, bands, active, payload }: TipProps) {
  const point = payload?.[0]?.payload;
  const [row] = point ? levelRows([point], bands, format) : [];
  if (!active || !row) return null;
  return (
    <div className={classes.tip}>
      <div className="mono">{row.at} UTC</div>
      <div>{row.value}</div>
      {row.instead === "—" ? null : <div style={{ color: "var(--v-muted)" }}>{row.instead}</div>}
    </div>
  );
}

function LevelTable({ label, insteadLabel, points, bands, format }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <section className={classes.twin} tabIndex={0} aria-label={`${label} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time (UTC)</th>
            <th scope="col">{label}</th>
            <th scope="col">{insteadLabel}</th>
          </tr>
        </thead>
        <tbody>
          {levelRows(points, bands, format).map((row) => (
            <tr key={row.at}>
              <td className="mono">{row.at}</td>
              <td>{row.value}</td>
              <td>{row.instead}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
