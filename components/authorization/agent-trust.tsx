"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { OverrideView, TrustView } from "#server/layers/authorization/trust-schema.ts";
import { LevelChart } from "../charts/level-chart.tsx";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { Panel } from "../ui/panel.tsx";
import { RequestOverride } from "./request-override.tsx";
import { TrustContributions } from "./trust-contributions.tsx";
import { TrustOverrides } from "./trust-overrides.tsx";
import { overrideBands, trustPoints } from "./trust-points.ts";

const DAYS = 30;
const DAY_MS = 86_400_000;

/** How far an agent is trusted and why, how that went, and setting it by hand, which a second person decides. */
export function AgentTrust({ name }: { name: string }) {
  const trpc = useTRPC();
  const trust = useQuery(trpc.trust.current.queryOptions({ name }));
  const overrides = useQuery(trpc.trust.overrides.queryOptions({ name }));
  const mayRequest = usePermits("trust.override");
  const [requesting, setRequesting] = useState(false);
  return (
    <Panel
      title="Trust"
      state={trust.data ? <TrustBadge trust={trust.data} /> : null}
      note={
        mayRequest ? (
          <Button size="compact-xs" variant="default" onClick={() => setRequesting(true)}>
            Set by hand…
          </Button>
        ) : null
      }
    >
      <Loaded query={trust} what={`trust in ${name}`} rows={8}>
        {(data) => (
          <div style={{ display: "grid", gap: 14 }}>
            {data.override ? <SetByHand trust={data} /> : null}
            <TrustContributions contributions={data.contributions} />
            <Loaded query={overrides} what="what was set by hand" rows={2}>
              {({ overrides: all }) => (
                <>
                  <TrustHistory trust={data} overrides={all} />
                  <TrustOverrides overrides={all} />
                </>
              )}
            </Loaded>
          </div>
        )}
      </Loaded>
      <RequestOverride opened={requesting} onClose={() => setRequesting(false)} agent={name} />
    </Panel>
  );
}

function TrustBadge({ trust }: { trust: TrustView }) {
  const enough = trust.score > trust.mediumAbove;
  const words = `trust ${trust.score}${trust.override ? ", set by hand" : ""}`;
  return <Badge tone={trust.override ? "medium" : enough ? "ok" : "neutral"}>{words}</Badge>;
}

function SetByHand({ trust: { computed, override } }: { trust: TrustView }) {
  if (!override) return null;
  return (
    <p style={{ margin: 0 }}>
      Set by hand to <span className="mono">{override.score}</span> and back to what is computed{" "}
      <Instant at={override.endsAt} as="future" />. Computed: <span className="mono">{computed}</span>, from:
    </p>
  );
}

function TrustHistory({ trust, overrides }: { trust: TrustView; overrides: readonly OverrideView[] }) {
  const trpc = useTRPC();
  const history = useQuery(trpc.trust.history.queryOptions({ name: trust.agent.name, days: DAYS }));
  const toMs = trust.at.getTime();
  return (
    <Loaded query={history} what="how trust went" rows={5}>
      {({ points }) => {
        const drawn = trustPoints(points, { atMs: toMs, computed: trust.computed });
        const first = drawn[0]?.atMs ?? toMs;
        return (
          <LevelChart
            label="Trust as computed"
            insteadLabel="Counted instead"
            points={drawn}
            bands={overrideBands(overrides)}
            edge={{ value: trust.mediumAbove, label: "MEDIUM" }}
            fromMs={Math.min(first, toMs - DAY_MS)}
            toMs={toMs}
            format={(value) => String(Math.round(value * 10_000) / 10_000)}
          />
        );
      }}
    </Loaded>
  );
}
