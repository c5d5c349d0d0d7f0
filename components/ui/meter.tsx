import { type Tone, toneColor } from "./tone.ts";

type Props = {
  /** From 0 to 1. */
  part: number;
  tone: Tone;
  label: string;
  heightPx?: number;
};

/** A bar that is filled in part: a lifetime used, a deadline elapsed, a score. `label` says it in words. */
export function Meter({ part, tone, label, heightPx = 4 }: Props) {
  const percent = Math.round(Math.min(1, Math.max(0, part)) * 1_000) / 10;
  return (
    <div
      role="img"
      aria-label={label}
      title={label}
      style={{ height: heightPx, borderRadius: 2, background: "var(--v-line)", overflow: "hidden" }}
    >
      <div style={{ width: `${percent}%`, height: "100%", background: toneColor(tone) }} />
    </div>
  );
}
