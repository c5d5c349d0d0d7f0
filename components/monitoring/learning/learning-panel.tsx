"use client";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { LearningView } from "#server/layers/monitoring/learning-schema.ts";
import { usePermits } from "../../shell/operator.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { Badge } from "../../ui/badge.tsx";
import { formatCount } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { Panel } from "../../ui/panel.tsx";
import { Allowances } from "./allowances.tsx";
import { BaselineVersions } from "./baseline-versions.tsx";
import { LearningProposals } from "./learning-proposals.tsx";
import { type Opening, ProposeLearning } from "./propose-learning.tsx";

/** What an agent is scored by, and changing it: by two people, with all that was proposed and decided. */
export function LearningPanel({ name }: { name: string }) {
  const trpc = useTRPC();
  const learning = useQuery(trpc.behaviour.learning.queryOptions({ name }));
  const mayPropose = usePermits("learning.propose");
  const [opening, setOpening] = useState<Opening | null>(null);
  return (
    <Panel
      title="Learning"
      state={learning.data ? <State learning={learning.data} /> : null}
      note={
        mayPropose ? (
          <Button size="compact-xs" variant="default" onClick={() => setOpening({ kind: "exclude" })}>
            Propose a change…
          </Button>
        ) : null
      }
    >
      <Loaded query={learning} what={`what ${name} is learnt from`} rows={6}>
        {(data) => (
          <div style={{ display: "grid", gap: 18 }}>
            {data.peers ? <Peers peers={data.peers} /> : null}
            <LearningProposals proposals={data.proposals} />
            <BaselineVersions
              versions={data.versions}
              learning={data.learning}
              onRollback={mayPropose ? (version) => setOpening({ kind: "rollback", version }) : null}
              onUnpin={mayPropose ? () => setOpening({ kind: "unpin" }) : null}
            />
            <Allowances agent={data.agent.name} allowances={data.allowances} />
          </div>
        )}
      </Loaded>
      <ProposeLearning agent={name} opening={opening} onClose={() => setOpening(null)} />
    </Panel>
  );
}

function State({ learning: { versions, proposals } }: { learning: LearningView }) {
  const active = versions.find((one) => one.active);
  const waits = proposals.some(({ state }) => state === "pending");
  return (
    <>
      {active ? (
        <Badge tone={active.pinned ? "medium" : "neutral"}>
          {`version ${active.version}${active.pinned ? ", pinned" : ""}`}
        </Badge>
      ) : (
        <Badge tone="low">learning</Badge>
      )}
      {waits ? <Badge tone="medium">decision waits</Badge> : null}
    </>
  );
}

function Peers({ peers }: { peers: NonNullable<LearningView["peers"]> }) {
  return (
    <div>
      <p style={{ margin: 0 }}>
        Scored by fixed limits and by its {peers.peers.length} peers until it has enough of its own:{" "}
        {peers.peers.join(", ")}
      </p>
      <p className="muted" style={{ margin: 0 }}>
        {peers.words}. {formatCount(peers.ownWindows)} minutes of its own, {formatCount(peers.peerWindows)} of
        theirs ({peers.kind}), learnt <Instant at={peers.learntAt} as="ago" />
      </p>
    </div>
  );
}
