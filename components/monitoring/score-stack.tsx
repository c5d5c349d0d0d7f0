"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useTRPC } from "../trpc/client.ts";
import { formatScore } from "../ui/format.ts";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState, SkeletonRows } from "../ui/notices.tsx";
import type { Span } from "./span.ts";
import { stackParts } from "./stacked-parts.ts";
import { THRESHOLDS } from "./thresholds.ts";

const PartsChart = dynamic(() => import("../charts/parts-chart.tsx").then((m) => m.PartsChart), {
  ssr: false,
  loading: () => <SkeletonRows rows={5} label="the chart" />,
});

/** What an agent's scores were made of: of each stretch the highest minute, split by feature. */
export function ScoreStack({ agent, span }: { agent: string; span: Span }) {
  const trpc = useTRPC();
  const parts = useQuery(
    trpc.behaviour.parts.queryOptions(
      { agent, from: new Date(span.fromMs), to: new Date(span.toMs) },
      { placeholderData: keepPreviousData },
    ),
  );
  return (
    <Loaded query={parts} what="what the scores were made of" rows={5}>
      {({ points, stepMs }) =>
        points.length === 0 ? (
          <EmptyState title="Nothing was scored in this time">
            Scores begin with the first baseline; until then fixed limits and peers speak.
          </EmptyState>
        ) : (
          <PartsChart
            label="What the score was made of, highest minute"
            {...stackParts(points, stepMs)}
            {...span}
            stepMs={stepMs}
            thresholds={THRESHOLDS}
            format={formatScore}
          />
        )
      }
    </Loaded>
  );
}
