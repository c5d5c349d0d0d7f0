"use client";

import { Select } from "@mantine/core";
import dynamic from "next/dynamic";
import { FEATURES } from "#server/layers/monitoring/schema.ts";
import type { AppOutput } from "../trpc/output.ts";
import { formatCompact, formatScore } from "../ui/format.ts";
import { SkeletonRows } from "../ui/notices.tsx";
import { featurePoints, scorePoints } from "./series-points.ts";
import type { Span } from "./span.ts";
import { responseMarkers, THRESHOLDS } from "./thresholds.ts";

const BehaviourChart = dynamic(() => import("../charts/behaviour-chart.tsx").then((m) => m.BehaviourChart), {
  ssr: false,
  loading: () => <SkeletonRows rows={5} label="the chart" />,
});

type Series = AppOutput["behaviour"]["series"];
type PlainProps = { series: Series; span: Span; heightPx: number; onZoom?: Zoom | undefined };
type Zoom = (fromMs: number, toMs: number) => void;

/** The score over time against its three thresholds, with the moment of the response. */
export function ScoreChart({ series, span, heightPx, onZoom }: PlainProps) {
  return (
    <BehaviourChart
      {...span}
      label="Score"
      points={scorePoints(series.points, series.stepMs)}
      thresholds={THRESHOLDS}
      markers={responseMarkers(series.latest)}
      max={1}
      format={formatScore}
      heightPx={heightPx}
      {...(onZoom && { onZoom })}
    />
  );
}

/** One feature over time with what is usual for the hour, and the moment of the response. */
export function FeatureLine({ series, span, heightPx, onZoom }: PlainProps) {
  const { feature } = series;
  return (
    <BehaviourChart
      {...span}
      label={`${feature.title}, ${feature.unit}, with what is usual`}
      points={featurePoints(series.points, series.stepMs)}
      markers={responseMarkers(series.latest)}
      format={(value) => formatCompact(value, feature.digits)}
      heightPx={heightPx}
      {...(onZoom && { onZoom })}
    />
  );
}

type FeatureProps = Omit<PlainProps, "heightPx"> & { onFeature: (key: string | null) => void };

/** A feature's line, and the choice which one. */
export function FeatureChart({ series, span, onFeature, onZoom }: FeatureProps) {
  const { feature } = series;
  return (
    <div>
      <Select
        aria-label="Feature"
        data={FEATURES.map((one) => ({ value: one.key, label: `${one.title} (${one.unit})` }))}
        value={feature.key}
        onChange={onFeature}
        allowDeselect={false}
        w={280}
        mb={6}
      />
      <FeatureLine series={series} span={span} heightPx={140} onZoom={onZoom} />
    </div>
  );
}
