const WIDTH = 72;
const HEIGHT = 18;

type Props = { values: readonly (number | null)[]; max?: number; colour?: string; label: string };

/** A line without axes for a table cell. `max` fixes the scale, so that rows compare. */
export function Sparkline({ values, max = 1, colour = "var(--v-brand)", label }: Props) {
  const measured = values.filter((value) => value !== null).length;
  if (measured < 2) return <span style={{ color: "var(--v-muted)" }}>—</span>;
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={label} style={{ display: "block" }}>
      <path d={linePath(values, max)} fill="none" stroke={colour} strokeWidth={1.4} strokeLinejoin="round" />
    </svg>
  );
}

/** The SVG path of a series; a null lifts the pen. Coordinates have one digit, the same on every machine. */
export function linePath(values: readonly (number | null)[], max: number): string {
  const step = values.length > 1 ? WIDTH / (values.length - 1) : 0;
  let pen = "M";
  let path = "";
  for (const [index, value] of values.entries()) {
    if (value === null) {
      pen = "M";
      continue;
    }
    const y = HEIGHT - 2 - (Math.min(value, max) / (max || 1)) * (HEIGHT - 4);
    path += `${pen}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  }
  return path;
}
