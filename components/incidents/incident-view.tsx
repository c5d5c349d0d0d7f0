"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import type { IncidentDetail } from "#server/incidents/views.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge, SeverityBadge, StatusBadge } from "../ui/badge.tsx";
import { Loaded } from "../ui/loaded.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { CloseIncident } from "./close-incident.tsx";
import { ContainmentPanel } from "./containment-panel.tsx";
import { DeterminationForm } from "./determination-form.tsx";
import { DeterminationPanel } from "./determination-panel.tsx";
import { IncidentClocks } from "./incident-clocks.tsx";
import { IncidentNext } from "./incident-next.tsx";
import { IncidentTasks } from "./incident-tasks.tsx";
import { IncidentTimeline } from "./incident-timeline.tsx";
import type { StepKey } from "./next-step.ts";
import { ReceiptForm } from "./receipt-form.tsx";

/** One incident, whole: what presses, the clocks, the decision, what happened, what is to do. */
export function IncidentView({ number }: { number: number }) {
  const trpc = useTRPC();
  const incident = useQuery(trpc.incidents.get.queryOptions({ number }));
  return (
    <Loaded query={incident} what="this incident" rows={12}>
      {(data) => <Workspace incident={data} />}
    </Loaded>
  );
}

function Workspace({ incident }: { incident: IncidentDetail }) {
  const mayWork = usePermits("incidents.work");
  const [open, setOpen] = useState<StepKey | null>(null);
  const close = () => setOpen(null);
  const step = (key: StepKey) => {
    if (key === "release") document.getElementById("containment")?.scrollIntoView({ block: "center" });
    else setOpen(key);
  };
  const clock = incident.clocks.find(({ status }) => status === "running" || status === "overdue");
  return (
    <>
      <PageHead
        title={`${incident.name} ${incident.title}`}
        state={
          <>
            {incident.drill ? <Badge tone="low">drill</Badge> : null}
            <SeverityBadge severity={incident.severity} />
            <StatusBadge status={incident.status === "open" ? "running" : "closed"} label={incident.status} />
          </>
        }
        line={
          <>
            {incident.agent ? (
              <Link href={`/agents/${incident.agent.name}`}>{incident.agent.name}</Link>
            ) : (
              "no agent"
            )}{" "}
            · lead {incident.lead?.email ?? "nobody"}
          </>
        }
        actions={
          <>
            <Button variant="default" onClick={() => window.print()} data-print="hide">
              Print
            </Button>
            {mayWork ? (
              <Button variant="default" onClick={() => setOpen("close")} data-print="hide">
                {incident.status === "open" ? "Close…" : "Reopen…"}
              </Button>
            ) : null}
          </>
        }
      />
      <IncidentNext incident={incident} onStep={({ key }) => step(key)} />
      <div className={`${page.grid} ${page.three}`}>
        <div className={page.stack}>
          <IncidentClocks incident={incident} onReceipt={() => setOpen("notify")} />
          <DeterminationPanel incident={incident} onDetermine={() => setOpen("determine")} />
        </div>
        <IncidentTimeline incident={incident} />
        <div className={page.stack}>
          <div id="containment" className={page.stack}>
            {incident.containments.map((one) => (
              <ContainmentPanel key={one.id} containment={one} />
            ))}
          </div>
          <IncidentTasks incident={incident} />
        </div>
      </div>
      <DeterminationForm incident={incident} opened={open === "determine"} onClose={close} />
      <CloseIncident incident={incident} opened={open === "close"} onClose={close} />
      {clock ? <ReceiptForm clock={clock} opened={open === "notify"} onClose={close} /> : null}
    </>
  );
}
