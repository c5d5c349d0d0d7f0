"use client";

import { useMemo } from "react";
import {
  Area,
  CartesianGrid,
  ComposedChart,
  type DotItemDotProps,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { AXIS_PX, timeAxis, valueAxis } from "./axes.ts";
import { Brush } from "./brush.tsx";
import { ChartFrame } from "./chart-frame.tsx";
import { ChartTable } from "./chart-table.tsx";
import classes from "./charts.module.css";
import { type ChartPoint, downsample } from "./downsample.ts";

export type ChartMarker = { atMs: number; label: string; colour: string };
export type ChartThreshold = { value: number; label: string; colour: string };

type Props = {
  /** What is drawn, for the heading of the table and for screen readers. */
  label: string;
  points: readonly ChartPoint[];
  thresholds?: readonly ChartThreshold[];
  markers?: readonly ChartMarker[];
  /** The whole stretch that was asked for, so that silence at its ends is seen. */
  fromMs: number;
  toMs: number;
  /** Top of the scale; the highest value when left out. */
  max?: number;
  format: (value: number) => string;
  heightPx?: number;
  /** Drawing over a stretch asks for it. Whoever gives this also gives buttons that do the same. */
  onZoom?: (fromMs: number, toMs: number) => void;
};

/** A point with silence on both sides has no line to be seen by, so it is a dot. */
function isolatedDot({ cx, cy, index, points, key }: DotItemDotProps) {
  const silent = (at: number) => (points[at]?.y ?? null) === null;
  if (!silent(index - 1) || !silent(index + 1) || cx === undefined || cy === undefined)
    return <g key={key} />;
  return <circle key={key} cx={cx} cy={cy} r={2} fill="var(--v-brand)" />;
}

/** A line against what is usual, with its thresholds and what was done, in UTC; the same as a table at a press. */
export function BehaviourChart(props: Props) {
  const { label, points, thresholds = [], markers = [], max, format, heightPx = 200, onZoom } = props;
  const margin = { top: 6, right: thresholds.length > 0 ? 54 : 16, bottom: 0, left: -12 };
  const drawn = useMemo(
    () => downsample(points).map((p) => ({ ...p, band: p.low === null ? null : [p.low, p.high] })),
    [points],
  );
  return (
    <ChartFrame
      label={label}
      table={<ChartTable label={label} points={drawn} format={format} />}
      chart={
        <Brush
          fromMs={props.fromMs}
          toMs={props.toMs}
          leftPx={margin.left + AXIS_PX}
          rightPx={margin.right}
          onZoom={onZoom}
        >
          <ResponsiveContainer
            width="100%"
            height={heightPx}
            initialDimension={{ width: 640, height: heightPx }}
          >
            <ComposedChart data={drawn} margin={margin} accessibilityLayer>
              <CartesianGrid stroke="var(--v-line)" vertical={false} strokeDasharray="2 4" />
              <XAxis {...timeAxis(props.fromMs, props.toMs)} />
              <YAxis
                {...valueAxis(format)}
                domain={[0, max ?? "auto"]}
                ticks={max === 1 ? [0, 0.5, 0.7, 0.9] : undefined}
              />
              <Tooltip
                content={<Tip format={format} />}
                cursor={{ stroke: "var(--v-muted)" }}
                isAnimationActive={false}
              />
              <Area
                dataKey="band"
                name="usual"
                stroke="none"
                fill="var(--v-brand)"
                fillOpacity={0.16}
                isAnimationActive={false}
              />
              {thresholds.map((t) => (
                <ReferenceLine
                  key={t.label}
                  y={t.value}
                  stroke={t.colour}
                  strokeDasharray="3 3"
                  label={{ value: t.label, position: "right", fill: t.colour, fontSize: 11 }}
                />
              ))}
              {markers.map((m) => (
                <ReferenceLine
                  key={`${m.atMs}${m.label}`}
                  x={m.atMs}
                  stroke={m.colour}
                  label={{
                    value: m.label,
                    position: m.atMs > (props.fromMs + props.toMs) / 2 ? "insideTopRight" : "insideTopLeft",
                    fill: m.colour,
                    fontSize: 11,
                  }}
                />
              ))}
              <Line
                dataKey="value"
                name={label}
                stroke="var(--v-brand)"
                strokeWidth={1.6}
                dot={isolatedDot}
                activeDot={{ r: 3 }}
                isAnimationActive={false}
              />
            </ComposedChart>
          </ResponsiveContainer>
        </Brush>
      }
    />
  );
}

type TipProps = { format: (value: number) => string; active?: boolean; payload?: { payload: ChartPoint }[] };

function Tip({ format, active, payload }: TipProps) {
  const point = payload?.[0]?.payload;
  if (!active || !point) return null;
  return (
    <div className={classes.tip}>
      <div className="mono">{new Date(point.atMs).toISOString().replace("T", " ").slice(0, 19)} UTC</div>
      <div>{point.value === null ? "not measured" : format(point.value)}</div>
      {point.low === null || point.high === null ? null : (
        <div style={{ color: "var(--v-muted)" }}>
          usual {format(point.low)} to {format(point.high)}
        </div>
      )}
    </div>
  );
}
