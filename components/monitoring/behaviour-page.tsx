"use client";

import Link from "next/link";
import { FEATURES, type FeatureKey } from "#server/layers/monitoring/schema.ts";
import { Loaded } from "../ui/loaded.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { useUrlParam } from "../ui/use-url-param.ts";
import { BaselineLine, ScoreBadge } from "./agent-behaviour.tsx";
import { FeatureChart, ScoreChart } from "./agent-charts.tsx";
import { Contributions } from "./contributions.tsx";
import { ScoreStack } from "./score-stack.tsx";
import { SpanBar } from "./span-bar.tsx";
import { useSeriesOf } from "./use-series.ts";
import { useSpan } from "./use-span.ts";

/** One agent's behaviour in full: its score and what it was made of, each feature against what is usual. */
export function BehaviourPage({ name }: { name: string }) {
  const view = useSpan();
  const [featureParam, setFeature] = useUrlParam("feature");
  const feature: FeatureKey = FEATURES.find((one) => one.key === featureParam)?.key ?? "apiCallsPerMinute";
  const { series, span } = useSeriesOf(name, feature, view.span);
  const onZoom = (fromMs: number, toMs: number) => view.setSpan({ fromMs, toMs });
  return (
    <>
      <PageHead
        title={`Behaviour of ${name}`}
        state={series.data ? <ScoreBadge series={series.data} /> : null}
        line={<Link href={`/agents/${name}`}>All about this agent</Link>}
      />
      <div className={page.filters}>
        <SpanBar {...view} />
      </div>
      <div className={page.stack}>
        <Loaded query={series} what={`the behaviour of ${name}`} rows={10}>
          {(data) => (
            <>
              <Panel title="Score" note={<BaselineLine series={data} />}>
                <div style={{ display: "grid", gap: 12 }}>
                  <ScoreChart series={data} span={span} heightPx={170} onZoom={onZoom} />
                  <ScoreStack agent={name} span={span} />
                </div>
              </Panel>
              {data.latest.score === null ? null : (
                <Panel title="Now">
                  <Contributions contributions={data.latest.contributions} />
                </Panel>
              )}
              <Panel title="Features against what is usual">
                <FeatureChart series={data} span={span} onFeature={setFeature} onZoom={onZoom} />
              </Panel>
            </>
          )}
        </Loaded>
      </div>
    </>
  );
}
