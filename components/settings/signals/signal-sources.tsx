"use client";

import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../trpc/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { DataTable } from "../../ui/data-table.tsx";
import { formatCount } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { EmptyState } from "../../ui/notices.tsx";
import { Panel } from "../../ui/panel.tsx";
import { NewSource } from "./new-source.tsx";
import { SourceDetail } from "./source-detail.tsx";
import { healthOf, KIND_WORDS } from "./source-words.ts";

/** Outside systems that tell what they saw, with how each of them is. */
export function SignalSources() {
  const trpc = useTRPC();
  const sources = useQuery(trpc.signals.sources.queryOptions());
  const [making, setMaking] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const open = sources.data?.find(({ id }) => id === openId);
  return (
    <Panel
      title="Signals from elsewhere"
      note={
        <Button size="compact-xs" variant="default" onClick={() => setMaking(true)}>
          New source…
        </Button>
      }
      flush
    >
      <Loaded query={sources} what="the sources of signals" rows={2}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="No other system tells what it sees">
              Let Falco, Datadog or Sysdig send its events: each is mapped to an agent and raises its alert.
            </EmptyState>
          ) : (
            <DataTable
              label="Sources of signals"
              rows={rows}
              rowKey={(one) => one.id}
              columns={[
                { key: "name", header: "Name", render: (one) => one.name },
                { key: "kind", header: "Kind", wideOnly: true, render: (one) => KIND_WORDS[one.kind] },
                { key: "state", header: "State", render: (one) => <Health source={one} /> },
                {
                  key: "heard",
                  header: "Last",
                  wideOnly: true,
                  render: (one) => (one.receivedAt ? <Instant at={one.receivedAt} as="age" /> : "never"),
                },
                {
                  key: "day",
                  header: "24 h",
                  align: "right",
                  render: (one) => (
                    <span
                      title={`${one.day.mapped} mapped, ${one.day.unmapped} without an agent, ${one.day.refused} refused`}
                    >
                      {formatCount(one.day.received)}
                    </span>
                  ),
                },
                {
                  key: "act",
                  header: "",
                  align: "right",
                  render: (one) => (
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={`Open ${one.name}`}
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
        opened={making}
        onClose={() => setMaking(false)}
        title="New source of signals"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <NewSource onClose={() => setMaking(false)} />
      </Modal>
      <Modal
        opened={open !== undefined}
        onClose={() => setOpenId(null)}
        title={open?.name}
        size="lg"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {open ? <SourceDetail source={open} /> : null}
      </Modal>
    </Panel>
  );
}

function Health({ source }: { source: Parameters<typeof healthOf>[0] }) {
  const { word, tone } = healthOf(source);
  return <Badge tone={tone}>{word}</Badge>;
}
