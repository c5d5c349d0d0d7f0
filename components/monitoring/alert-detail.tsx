"use client";

import { ActionIcon, Button, Group, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import type { AlertView } from "#server/layers/monitoring/schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { SeverityBadge, StatusBadge } from "../ui/badge.tsx";
import { alertName, formatScore, toWords } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { Facts } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { AlertWhy } from "./alert-why.tsx";
import { CloseAlert } from "./close-alert.tsx";
import { useTriage } from "./use-triage.ts";

type Props = { number: number; onClose?: () => void };

/** Why an alert was raised, what was said of its kind before, and what to do with it. */
export function AlertDetail({ number, onClose }: Props) {
  const trpc = useTRPC();
  const alert = useQuery(trpc.alerts.get.queryOptions({ number }));
  const close = onClose ? (
    <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close the detail">
      <IconX size={16} aria-hidden />
    </ActionIcon>
  ) : null;
  return (
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
            <p style={{ margin: 0, fontSize: 15, fontWeight: 600 }}>{data.title}</p>
            <Triage alert={data} />
            <AlertWhy alert={data} />
            <AlertFacts alert={data} />
            <Earlier earlier={data.earlier} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function AlertFacts({ alert }: { alert: AlertView }) {
  const { shadowAgentId: finding } = alert.detail;
  return (
    <Facts
      facts={[
        [
          "Agent",
          alert.agent ? (
            <Link key="agent" href={`/agents/${alert.agent.name}`}>
              {alert.agent.name}
            </Link>
          ) : (
            "none"
          ),
        ],
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
        ...(alert.score === null ? [] : [["Score", formatScore(alert.score)] as const]),
        ["First seen", <Instant key="opened" at={alert.openedAt} />],
        ["Last seen", <Instant key="last" at={alert.lastSeenAt} />],
        ["Seen", `${alert.count} ${alert.count === 1 ? "time" : "times"}`],
        ...(alert.closedAt
          ? ([
              ["Closed", <Instant key="closed" at={alert.closedAt} />],
              ["Verdict", `${toWords(alert.disposition ?? "")}: ${alert.closeReason ?? ""}`],
            ] as const)
          : []),
      ]}
    />
  );
}

function Triage({ alert }: { alert: AlertView }) {
  const trpc = useTRPC();
  const mayTriage = usePermits("alerts.triage");
  const people = useQuery(trpc.users.list.queryOptions());
  const triage = useTriage();
  const [closing, setClosing] = useState(false);
  if (!mayTriage || alert.status === "closed") return null;
  return (
    <Group gap="sm" align="flex-end">
      <Select
        aria-label="Owner"
        placeholder="No owner"
        data={(people.data ?? [])
          .filter((one) => !one.disabled)
          .map((one) => ({ value: one.id, label: one.email }))}
        value={alert.owner?.id ?? null}
        onChange={(ownerId) => triage.assign(alert, ownerId)}
        clearable
        searchable
        w={190}
      />
      {alert.status === "open" ? (
        <Button variant="default" loading={triage.pending} onClick={() => triage.acknowledge(alert)}>
          Acknowledge
        </Button>
      ) : null}
      <Button variant="default" onClick={() => setClosing(true)}>
        Close…
      </Button>
      <CloseAlert alert={alert} opened={closing} onClose={() => setClosing(false)} />
    </Group>
  );
}

function Earlier({ earlier }: { earlier: readonly AlertView[] }) {
  if (earlier.length === 0) return null;
  return (
    <div>
      <h3 style={{ margin: "0 0 6px", fontSize: 13 }}>The same rule before</h3>
      <ul style={{ margin: 0, padding: 0, listStyle: "none", display: "grid", gap: 4 }}>
        {earlier.map((one) => (
          <li key={one.id}>
            <Link href={`/alerts/${one.number}`}>{alertName(one.number)}</Link>{" "}
            <span className="muted">
              {toWords(one.disposition ?? "")}: {one.closeReason}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
