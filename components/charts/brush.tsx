"use client";

import { type PointerEvent, type ReactNode, useState } from "react";
import { stretchOf } from "./stretch-of.ts";

type Props = {
  fromMs: number;
  toMs: number;
  /** Of the drawing's edges from the box'. */
  leftPx: number;
  rightPx: number;
  onZoom: ((fromMs: number, toMs: number) => void) | undefined;
  children: ReactNode;
};
type Drawn = { startPx: number; endPx: number; widthPx: number };

/** Lets a pointer draw over a stretch of a chart. It is the short way alone: buttons beside the chart do the same. */
export function Brush({ fromMs, toMs, leftPx, rightPx, onZoom, children }: Props) {
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  if (!onZoom) return children;
  const placeOf = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { px: event.clientX - box.left, widthPx: box.width };
  };
  const end = () => {
    const stretch = drawn && stretchOf(drawn, { fromMs, toMs, leftPx, rightPx });
    setDrawn(null);
    if (stretch) onZoom(stretch.fromMs, stretch.toMs);
  };
  return (
    <div
      style={{ position: "relative", cursor: "crosshair", userSelect: "none" }}
      onPointerDown={(event) => {
        const { px, widthPx } = placeOf(event);
        if (event.button === 0) setDrawn({ startPx: px, endPx: px, widthPx });
      }}
      onPointerMove={(event) => {
        if (drawn) setDrawn({ ...drawn, endPx: placeOf(event).px });
      }}
      onPointerUp={end}
      onPointerLeave={() => setDrawn(null)}
    >
      {children}
      {drawn ? (
        <div
          aria-hidden
          style={{
            ...{ position: "absolute", top: 0, bottom: 24, pointerEvents: "none" },
            left: Math.min(drawn.startPx, drawn.endPx),
            width: Math.abs(drawn.endPx - drawn.startPx),
            background: "color-mix(in srgb, var(--v-brand) 18%, transparent)",
          }}
        />
      ) : null}
    </div>
  );
}
