"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { MaintenanceView as View } from "#server/layers/monitoring/learning-schema.ts";
import { FEATURES } from "#server/layers/monitoring/schema.ts";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { EmptyState } from "../../ui/notices.tsx";
import pageStyle from "../../ui/page.module.css";
import { PageHead } from "../../ui/page-head.tsx";
import { Panel } from "../../ui/panel.tsx";
import { MAINTENANCE_TONES } from "./learning-words.ts";
import { DecideMaintenance, EndMaintenance } from "./maintenance-acts.tsx";
import { PlanMaintenance } from "./plan-maintenance.tsx";

/** Times in which agents are limited and not contained: what runs and is planned first, then what is over. */
export function MaintenanceView() {
  const trpc = useTRPC();
  const query = useQuery(trpc.maintenance.list.queryOptions());
  const mayPlan = usePermits("maintenance.plan");
  const [planning, setPlanning] = useState(false);
  const windows = query.data?.windows ?? [];
  const running = windows.filter(({ state }) => state === "running").length;
  return (
    <>
      <PageHead
        title="Maintenance"
        line={query.data ? `${running} running` : null}
        actions={mayPlan ? <Button onClick={() => setPlanning(true)}>Plan maintenance…</Button> : null}
      />
      <div className={pageStyle.stack}>
        <Loaded query={query} what="the maintenance windows" rows={6}>
          {() => (
            <>
              <Windows
                title="Running and planned"
                windows={windows.filter(({ state }) => ["pending", "planned", "running"].includes(state))}
                empty="Nothing is planned. While maintenance runs, a score above 0.9 for a cause that it names limits an agent instead of containing it."
              />
              <Windows
                title="Over"
                windows={windows.filter(({ state }) => !["pending", "planned", "running"].includes(state))}
                empty="No maintenance was over, ended or refused yet."
              />
            </>
          )}
        </Loaded>
      </div>
      <PlanMaintenance opened={planning} onClose={() => setPlanning(false)} />
    </>
  );
}

function Windows({ title, windows, empty }: { title: string; windows: readonly View[]; empty: string }) {
  const [ending, setEnding] = useState<View | null>(null);
  return (
    <Panel title={title}>
      {windows.length === 0 ? (
        <EmptyState title="None">{empty}</EmptyState>
      ) : (
        <ul style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: 16 }}>
          {windows.map((one) => (
            <Window key={one.id} window={one} onEnd={() => setEnding(one)} />
          ))}
        </ul>
      )}
      {ending ? <EndMaintenance window={ending} onClose={() => setEnding(null)} /> : null}
    </Panel>
  );
}

function Window({ window: it, onEnd }: { window: View; onEnd: () => void }) {
  const mayEnd = usePermits("maintenance.end");
  const causes = it.causes.map((cause) => FEATURES.find(({ key }) => key === cause)?.title ?? cause);
  return (
    <li style={{ display: "grid", gap: 6 }}>
      <div style={{ display: "flex", gap: 10, alignItems: "baseline", flexWrap: "wrap" }}>
        <Badge tone={MAINTENANCE_TONES[it.state]}>{it.state}</Badge>
        <div style={{ flex: 1, minWidth: 0 }}>
          <strong>{it.agents.join(", ")}</strong> for {causes.join(", ")}
          <div>
            <Instant at={it.startsAt} /> to <Instant at={it.endsAt} />, planned by {it.plannedBy}: {it.reason}
          </div>
          {it.decidedBy && it.decidedAt ? (
            <div className="muted">
              Decided by {it.decidedBy} <Instant at={it.decidedAt} as="ago" />: {it.decisionReason}
            </div>
          ) : null}
          {it.cancelledAt ? (
            <div className="muted">
              Ended by {it.cancelledBy} <Instant at={it.cancelledAt} />
            </div>
          ) : null}
        </div>
        {mayEnd && ["pending", "planned", "running"].includes(it.state) ? (
          <Button size="compact-xs" variant="default" onClick={onEnd}>
            {it.state === "pending" ? "Withdraw…" : "End now…"}
          </Button>
        ) : null}
      </div>
      {it.state === "pending" ? <DecideMaintenance window={it} /> : null}
    </li>
  );
}
