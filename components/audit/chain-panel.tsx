"use client";

import { useQuery } from "@tanstack/react-query";
import type { ChainStateView } from "#server/layers/audit/schema.ts";
import { ChainBand } from "../charts/chain-band.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { formatCount, shortDigest } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { Facts } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";

/** How far the chain has come, and whether anything holds it up. */
export function ChainPanel() {
  const trpc = useTRPC();
  const chain = useQuery(trpc.audit.chainState.queryOptions());
  return (
    <Panel title="Chain" state={chain.data ? <ChainBadge chain={chain.data} /> : null}>
      <Loaded query={chain} what="the chain's state" rows={4}>
        {(data) => (
          <div style={{ display: "grid", gap: 14 }}>
            <ChainBand
              provable={data.provable}
              chained={data.chained - data.provable}
              durable={data.unchained}
              broken={data.critical !== null}
            />
            {data.critical ? <Alarm tone="critical">{data.critical}</Alarm> : null}
            {data.holdup ? <Alarm tone="high">{data.holdup}</Alarm> : null}
            <ChainFacts chain={data} />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

/** The chain's state in a word: the latest verification where there was one, broken where the worker stopped. */
export function ChainBadge({ chain }: { chain: ChainStateView }) {
  const run = chain.lastVerification;
  if (chain.critical) return <Badge tone="critical">not extended</Badge>;
  if (run?.status === "findings") return <Badge tone="critical">{`${run.findings.length} findings`}</Badge>;
  if (run?.status === "clean")
    return <Badge tone="ok">{`verified to ${formatCount(run.toSeq ?? run.checked)}`}</Badge>;
  if (run?.status === "running" || run?.status === "queued") return <Badge tone="low">verifying</Badge>;
  return <Badge tone="medium">not verified yet</Badge>;
}

function Alarm({ tone, children }: { tone: "critical" | "high"; children: string }) {
  return (
    <p role="alert" style={{ margin: 0, color: `var(--v-${tone})` }}>
      {children}
    </p>
  );
}

function ChainFacts({ chain }: { chain: ChainStateView }) {
  return (
    <Facts
      facts={[
        [
          "Head",
          chain.headHash ? (
            <CopyText
              key="head"
              text={chain.headHash}
              shown={shortDigest(chain.headHash, 8)}
              label="hash of the chain's head"
            />
          ) : (
            "empty"
          ),
        ],
        [
          "Chained",
          chain.chainedAt ? (
            <span key="at">
              <Instant at={chain.chainedAt} as="ago" />
            </span>
          ) : (
            "nothing yet"
          ),
        ],
        [
          "Checkpoint",
          chain.checkpoint ? (
            <span key="checkpoint">
              size {formatCount(chain.checkpoint.size)}, <Instant at={chain.checkpoint.at} as="ago" />
            </span>
          ) : (
            "none yet"
          ),
        ],
        [
          "Root",
          chain.checkpoint ? (
            <CopyText
              key="root"
              text={chain.checkpoint.root}
              shown={shortDigest(chain.checkpoint.root, 8)}
              label="root of the newest checkpoint"
            />
          ) : (
            "none yet"
          ),
        ],
      ]}
    />
  );
}
