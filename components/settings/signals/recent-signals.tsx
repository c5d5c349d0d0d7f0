"use client";

import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import type { SignalView } from "#server/layers/monitoring/signal-source-schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { Badge, SeverityBadge } from "../../ui/badge.tsx";
import { DataTable } from "../../ui/data-table.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { EmptyState } from "../../ui/notices.tsx";
import { Panel } from "../../ui/panel.tsx";
import { SignalDetail } from "./signal-detail.tsx";
import { OUTCOME_WORDS } from "./source-words.ts";

const SHOWN = 20;

/** The newest signals of every source, with whose each was taken for. */
export function RecentSignals() {
  const trpc = useTRPC();
  const page = useQuery(trpc.signals.list.queryOptions({ limit: SHOWN }));
  const [openId, setOpenId] = useState<string | null>(null);
  return (
    <Panel title="Newest signals" flush>
      <Loaded query={page} what="the signals" rows={3}>
        {({ signals }) =>
          signals.length === 0 ? (
            <EmptyState title="Nothing was received yet">
              What Falco, Datadog or Sysdig tells is listed here, with its agent and its payload.
            </EmptyState>
          ) : (
            <DataTable
              label="Newest signals"
              rows={signals}
              rowKey={(one) => one.id}
              columns={[
                { key: "at", header: "Received", render: (one) => <Instant at={one.receivedAt} as="age" /> },
                { key: "source", header: "Source", wideOnly: true, render: (one) => one.source.name },
                { key: "rule", header: "Says", grow: true, render: (one) => <Says signal={one} /> },
                { key: "whose", header: "Agent", render: (one) => <Whose signal={one} /> },
                {
                  key: "act",
                  header: "",
                  align: "right",
                  render: (one) => (
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={`Open the signal ${one.rule ?? one.id}`}
                      onClick={() => setOpenId(one.id)}
                    >
                      Open
                    </Button>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      <Modal
        opened={openId !== null}
        onClose={() => setOpenId(null)}
        title="Signal"
        size="lg"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {openId ? <SignalDetail id={openId} /> : null}
      </Modal>
    </Panel>
  );
}

function Says({ signal }: { signal: SignalView }) {
  return (
    <>
      {signal.severity ? <SeverityBadge severity={signal.severity} /> : null} {signal.rule ?? signal.reason}
      {signal.test ? " (trial)" : ""}
    </>
  );
}

function Whose({ signal: { agent, outcome } }: { signal: SignalView }) {
  if (agent) return <Link href={`/agents/${agent.name}`}>{agent.name}</Link>;
  const { word, tone } = OUTCOME_WORDS[outcome];
  return <Badge tone={tone}>{word}</Badge>;
}
