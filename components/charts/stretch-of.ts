type Drawn = { startPx: number; endPx: number; widthPx: number };
type Axis = { fromMs: number; toMs: number; leftPx: number; rightPx: number };

/** A press that moved less than this is no drawing. */
const WAY_PX_MIN = 6;

/** The time under a stretch that was drawn in either direction, within the axis; null for a mere press. */
export function stretchOf(
  { startPx, endPx, widthPx }: Drawn,
  axis: Axis,
): { fromMs: number; toMs: number } | null {
  const { fromMs, toMs, leftPx, rightPx } = axis;
  const room = widthPx - leftPx - rightPx;
  if (Math.abs(endPx - startPx) < WAY_PX_MIN || room <= 0) return null;
  const timeAt = (px: number) =>
    Math.round(fromMs + Math.min(1, Math.max(0, (px - leftPx) / room)) * (toMs - fromMs));
  const [a, b] = [timeAt(startPx), timeAt(endPx)];
  return a === b ? null : { fromMs: Math.min(a, b), toMs: Math.max(a, b) };
}
