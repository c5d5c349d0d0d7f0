"use client";

import { ActionIcon, Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import type { AlertDetail as Detail } from "#server/layers/monitoring/alert-work-schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { SeverityBadge, StatusBadge } from "../ui/badge.tsx";
import { alertName, formatScore, incidentName, toWords } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { Facts, PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { AlertActions } from "./alert-actions.tsx";
import { AlertHistory, AlertOccurrences, AlertPrior, AlertRelated } from "./alert-history.tsx";
import { AlertWhy } from "./alert-why.tsx";
import { Lift } from "./suppressions.tsx";

type Props = { number: number; onClose?: () => void };

/** Why an alert was raised, what was said of its kind before, and what to do with it: beside the list or as a page. */
export function AlertDetail({ number, onClose }: Props) {
  const trpc = useTRPC();
  const alert = useQuery(trpc.alerts.get.queryOptions({ number }));
  const close = onClose ? (
    <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close the detail">
      <IconX size={16} aria-hidden />
    </ActionIcon>
  ) : null;
  return (
    <>
      {onClose ? null : <PageHead title={alert.data?.title ?? alertName(number)} />}
      <Panel
        title={onClose ? <Link href={`/alerts/${number}`}>{alertName(number)}</Link> : alertName(number)}
        state={
          alert.data ? (
            <>
              <SeverityBadge severity={alert.data.severity} />
              {alert.data.status === "open" ? null : <StatusBadge status={alert.data.status} />}
            </>
          ) : null
        }
        note={close}
      >
        <Loaded query={alert} what={alertName(number)} rows={6}>
          {(data) => (
            <div style={{ display: "grid", gap: 16 }}>
              {onClose ? <p style={{ margin: 0, fontSize: 15, fontWeight: 600 }}>{data.title}</p> : null}
              <AlertActions alert={data} keys={!onClose} />
              <Suppressed alert={data} />
              <AlertWhy alert={data} />
              <AlertFacts alert={data} />
              <AlertOccurrences occurrences={data.occurrences} />
              <AlertPrior alert={data} />
              <AlertRelated alert={data} />
              <AlertHistory transitions={data.transitions} />
            </div>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

type Fact = readonly [name: string, value: ReactNode];

function AlertFacts({ alert }: { alert: Detail }) {
  const { shadowAgentId: finding } = alert.detail;
  const { agent, agentState, incident, mergedInto } = alert;
  const facts: Fact[] = [
    [
      "Agent",
      agent ? (
        <Link key="agent" href={`/agents/${agent.name}`}>
          {agent.name}
        </Link>
      ) : (
        "none"
      ),
    ],
    ...(agentState ? ([["Agent is", <AgentState key="state" state={agentState} />]] as const) : []),
    ...(typeof finding === "string"
      ? ([
          [
            "Finding",
            <Link key="finding" href={`/shadow-agents?state=all&finding=${encodeURIComponent(finding)}`}>
              shadow agent
            </Link>,
          ],
        ] as const)
      : []),
    ["Kind", `${toWords(alert.kind)}, rule ${alert.rule}`],
    ...(alert.cause ? ([["Cause", alert.cause]] as const) : []),
    ...(alert.score === null ? [] : ([["Score", formatScore(alert.score)]] as const)),
    ["Owner", alert.owner?.email ?? "nobody"],
    ...(incident
      ? ([
          [
            "Incident",
            <Link key="i" href={`/incidents/${incident.number}`}>
              {incidentName(incident.number)}
            </Link>,
          ],
        ] as const)
      : []),
    ...(mergedInto
      ? ([
          [
            "Part of",
            <Link key="m" href={`/alerts/${mergedInto.number}`}>
              {alertName(mergedInto.number)}
            </Link>,
          ],
        ] as const)
      : []),
    ["First seen", <Instant key="opened" at={alert.openedAt} />],
    ["Last seen", <Instant key="last" at={alert.lastSeenAt} />],
    ["Seen", `${alert.count} ${alert.count === 1 ? "time" : "times"}`],
    ...closing(alert),
  ];
  return <Facts facts={facts} />;
}

function closing({ closedAt, disposition, closeReason, verdictUntil }: Detail): Fact[] {
  if (!closedAt) return [];
  return [
    ["Closed", <Instant key="closed" at={closedAt} />],
    ["Verdict", `${disposition ? toWords(disposition) : "none"}: ${closeReason ?? ""}`],
    ...(verdictUntil ? ([["Counts until", <Instant key="until" at={verdictUntil} />]] as const) : []),
  ];
}

function AgentState({ state }: { state: NonNullable<Detail["agentState"]> }) {
  const { status, level, score } = state;
  const behaviour = level && level !== "none" ? `, response: ${level}` : "";
  return (
    <>
      <StatusBadge status={status} />
      {behaviour}
      {score === null ? "" : `, score now ${formatScore(score)}`}
    </>
  );
}

function Suppressed({ alert }: { alert: Detail }) {
  const mayLift = usePermits("alerts.triage");
  const [lifting, setLifting] = useState(false);
  const { suppression } = alert;
  if (!suppression) return null;
  return (
    <p style={{ margin: 0 }}>
      {suppression.liftedAt ? (
        <>
          Its suppression was lifted by {suppression.liftedBy} <Instant at={suppression.liftedAt} as="ago" />
        </>
      ) : (
        <>
          Its like is counted, not raised, until <Instant at={suppression.until} />
        </>
      )}
      ; counted {suppression.count}×.{" "}
      {mayLift && !suppression.liftedAt ? (
        <Button variant="subtle" size="compact-sm" onClick={() => setLifting(true)}>
          Lift…
        </Button>
      ) : null}
      {lifting ? <Lift one={suppression} onClose={() => setLifting(false)} /> : null}
    </p>
  );
}
