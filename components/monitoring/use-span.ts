"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useNow } from "../ui/server-clock.ts";
import { readSpan, type Span, spanText } from "./span.ts";

const HOUR_MS = 3_600_000;
export const RANGES = {
  "1 h": HOUR_MS,
  "6 h": 6 * HOUR_MS,
  "24 h": 24 * HOUR_MS,
  "7 d": 168 * HOUR_MS,
  "30 d": 720 * HOUR_MS,
} as const;
export type Range = keyof typeof RANGES;
const REDRAW_MS = 30_000;

/**
 * The stretch that the address names: a fixed one (`from`, `to`), or the last hours (`range`), whose end moves with the
 * time. A copied link of a fixed one shows the same for ever.
 */
export function useSpan() {
  const params = useSearchParams();
  const pathname = usePathname();
  const router = useRouter();
  const nowMs = useNow();
  const fixed = readSpan(params.get("from"), params.get("to"), nowMs);
  const named = params.get("range");
  const range: Range = named !== null && named in RANGES ? (named as Range) : "24 h";
  const endMs = Math.ceil(nowMs / REDRAW_MS) * REDRAW_MS;
  const go = (change: Record<string, string | null>) => {
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(change))
      if (value === null) next.delete(name);
      else next.set(name, value);
    router.replace(`${pathname}?${next}`, { scroll: false });
  };
  return {
    span: fixed ?? { fromMs: endMs - RANGES[range], toMs: endMs },
    nowMs,
    range: fixed ? null : range,
    setRange: (next: string) => go({ range: next, from: null, to: null }),
    setSpan: ({ fromMs, toMs }: Span) => go({ from: spanText(fromMs), to: spanText(toMs) }),
  };
}
