/** A stretch of time on a chart, in milliseconds since 1970. */
export type Span = { fromMs: number; toMs: number };

const MINUTE_MS = 60_000;
export const SPAN_MS_MIN = 10 * MINUTE_MS;
export const SPAN_MS_MAX = 90 * 86_400_000;

/** The stretch that an address names, or null where it names none that can be shown. */
export function readSpan(from: string | null, to: string | null, nowMs: number): Span | null {
  const [fromMs, toMs] = [Date.parse(from ?? ""), Date.parse(to ?? "")];
  if (!Number.isFinite(fromMs) || !Number.isFinite(toMs) || toMs <= fromMs) return null;
  return fitSpan({ fromMs, toMs }, nowMs);
}

/** As an address has it. */
export const spanText = (ms: number) => new Date(ms).toISOString();

/** Half as long, around the same middle. */
export const zoomIn = (span: Span, nowMs: number) => around(span, 0.5, nowMs);
/** Twice as long, around the same middle. */
export const zoomOut = (span: Span, nowMs: number) => around(span, 2, nowMs);
/** Half its length earlier. */
export const earlier = (span: Span, nowMs: number) => moved(span, -0.5, nowMs);
/** Half its length later, up to now. */
export const later = (span: Span, nowMs: number) => moved(span, 0.5, nowMs);

/** Whole minutes, not in the future, and neither too short to see nor too long to ask for. */
export function fitSpan({ fromMs, toMs }: Span, nowMs: number): Span {
  const lastMs = Math.ceil(nowMs / MINUTE_MS) * MINUTE_MS;
  const length = Math.min(SPAN_MS_MAX, Math.max(SPAN_MS_MIN, toMs - fromMs));
  const middle = (fromMs + toMs) / 2;
  const end = Math.min(lastMs, Math.round((middle + length / 2) / MINUTE_MS) * MINUTE_MS);
  return { fromMs: end - Math.round(length / MINUTE_MS) * MINUTE_MS, toMs: end };
}

function around({ fromMs, toMs }: Span, factor: number, nowMs: number): Span {
  const middle = (fromMs + toMs) / 2;
  const half = ((toMs - fromMs) * factor) / 2;
  return fitSpan({ fromMs: middle - half, toMs: middle + half }, nowMs);
}

function moved({ fromMs, toMs }: Span, part: number, nowMs: number): Span {
  const by = (toMs - fromMs) * part;
  return fitSpan({ fromMs: fromMs + by, toMs: toMs + by }, nowMs);
}
