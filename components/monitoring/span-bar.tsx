"use client";

import { Button, Group, SegmentedControl } from "@mantine/core";
import { formatUtc } from "../ui/format.ts";
import { earlier, later, type Span, zoomIn, zoomOut } from "./span.ts";
import { RANGES, type useSpan } from "./use-span.ts";

const STEPS: readonly [label: string, title: string, step: (span: Span, nowMs: number) => Span][] = [
  ["‹", "Earlier", earlier],
  ["−", "Zoom out", zoomOut],
  ["+", "Zoom in", zoomIn],
  ["›", "Later", later],
];

/** The stretch of the charts below: the last hours, or a fixed one that is moved and zoomed by these or by drawing. */
export function SpanBar({ span, nowMs, range, setRange, setSpan }: ReturnType<typeof useSpan>) {
  return (
    <Group gap={8} role="group" aria-label="Stretch of time">
      <SegmentedControl
        aria-label="Time range"
        value={range ?? ""}
        onChange={setRange}
        data={Object.keys(RANGES)}
      />
      <Button.Group>
        {STEPS.map(([label, title, step]) => (
          <Button
            key={title}
            size="xs"
            variant="default"
            aria-label={title}
            title={title}
            onClick={() => setSpan(step(span, nowMs))}
          >
            {label}
          </Button>
        ))}
      </Button.Group>
      <span className="muted">
        {formatUtc(span.fromMs, nowMs)} to {range === null ? formatUtc(span.toMs, nowMs) : "now"}
        {range === null ? " (fixed)" : ""}. Draw over a chart to zoom in.
      </span>
    </Group>
  );
}
