import { tickText, timeTicks } from "./time-ticks.ts";

const TICK = { fill: "var(--v-muted)", fontSize: 11 };

/** Props of a chart's line of time, in UTC; silence at its ends is seen. */
export function timeAxis(fromMs: number, toMs: number) {
  return {
    dataKey: "atMs",
    type: "number" as const,
    scale: "time" as const,
    domain: [fromMs, toMs] as [number, number],
    allowDataOverflow: true,
    ticks: timeTicks(fromMs, toMs),
    tickFormatter: (ms: number) => tickText(ms, toMs - fromMs),
    interval: "equidistantPreserveStart" as const,
    minTickGap: 14,
    stroke: "var(--v-muted)",
    tick: TICK,
    tickLine: false,
    axisLine: { stroke: "var(--v-line)" },
  };
}

export const AXIS_PX = 56;

/** Props of a chart's line of values. */
export function valueAxis(format: (value: number) => string) {
  return { tickFormatter: format, tick: TICK, tickLine: false, axisLine: false, width: AXIS_PX };
}
