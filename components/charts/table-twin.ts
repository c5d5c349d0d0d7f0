import type { ChartPoint } from "./downsample.ts";

export type TwinRow = { at: string; value: string; usual: string };

/** The rows of a chart's table twin, newest first; what was not measured says so instead of reading as zero. */
export function tableTwin(points: readonly ChartPoint[], format: (value: number) => string): TwinRow[] {
  return [...points].reverse().map((point) => ({
    at: new Date(point.atMs).toISOString().replace("T", " ").slice(0, 19),
    value: point.value === null ? "not measured" : format(point.value),
    usual: point.low === null || point.high === null ? "—" : `${format(point.low)} to ${format(point.high)}`,
  }));
}
