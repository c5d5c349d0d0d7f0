"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { FeatureKey } from "#server/layers/monitoring/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { useNow } from "../ui/server-clock.ts";

const REDRAW_MS = 30_000;
const POINTS = 600;

/** An agent's series over the last `spanMs`. The end moves in steps, so that it is asked anew twice a minute. */
export function useSeries(agent: string, feature: FeatureKey, spanMs: number) {
  const trpc = useTRPC();
  const toMs = Math.ceil(useNow() / REDRAW_MS) * REDRAW_MS;
  const span = { fromMs: toMs - spanMs, toMs };
  const series = useQuery(
    trpc.behaviour.series.queryOptions(
      { agent, feature, from: new Date(span.fromMs), to: new Date(toMs), points: POINTS },
      { placeholderData: keepPreviousData },
    ),
  );
  return { series, span };
}
