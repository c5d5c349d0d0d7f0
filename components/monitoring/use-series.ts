"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { FeatureKey } from "#server/layers/monitoring/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { useNow } from "../ui/server-clock.ts";
import type { Span } from "./span.ts";

const REDRAW_MS = 30_000;
const POINTS = 600;

/** An agent's series over the last `spanMs`. The end moves in steps, so that it is asked anew twice a minute. */
export function useSeries(agent: string, feature: FeatureKey, spanMs: number) {
  const toMs = Math.ceil(useNow() / REDRAW_MS) * REDRAW_MS;
  return useSeriesOf(agent, feature, { fromMs: toMs - spanMs, toMs });
}

/** An agent's series over a stretch. */
export function useSeriesOf(agent: string, feature: FeatureKey, span: Span) {
  const trpc = useTRPC();
  const series = useQuery(
    trpc.behaviour.series.queryOptions(
      { agent, feature, from: new Date(span.fromMs), to: new Date(span.toMs), points: POINTS },
      { placeholderData: keepPreviousData },
    ),
  );
  return { series, span };
}
