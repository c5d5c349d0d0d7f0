"use client";

import { useQuery } from "@tanstack/react-query";
import { AgentRecords } from "../audit/agent-records.tsx";
import { AgentAuthority } from "../authorization/agent-authority.tsx";
import { AgentTrust } from "../authorization/agent-trust.tsx";
import { AgentConnections } from "../identity/agent-connections.tsx";
import { AgentFacts } from "../identity/agent-facts.tsx";
import { AgentFamily } from "../identity/agent-family.tsx";
import { AgentIdentity } from "../identity/agent-identity.tsx";
import { CertificateChecks } from "../identity/certificate-checks.tsx";
import { LevelBadge } from "../identity/level-badge.tsx";
import { useFacts } from "../identity/use-facts.ts";
import { AgentAlerts } from "../monitoring/agent-alerts.tsx";
import { AgentBehaviour } from "../monitoring/agent-behaviour.tsx";
import { LearningPanel } from "../monitoring/learning/learning-panel.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge, StatusBadge } from "../ui/badge.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { Loaded } from "../ui/loaded.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { AgentActions } from "./agent-actions.tsx";

/** One agent: how it behaves, what proves it, what it may do, and what it did. */
export function AgentView({ name }: { name: string }) {
  const trpc = useTRPC();
  const agent = useQuery(trpc.agents.get.queryOptions({ name }));
  const facts = useFacts(name);
  return (
    <Loaded query={agent} what={`the agent ${name}`} rows={10}>
      {(data) => (
        <>
          <PageHead
            title={data.name}
            state={
              <>
                <StatusBadge status={data.status} />
                {facts.data ? <LevelBadge effective={facts.data.level.effective} alone /> : null}
                {data.banned ? <StatusBadge status="banned" /> : null}
                {data.stoppedBy ? (
                  <Badge tone="critical">{`parent ${data.stoppedBy.name} is ${data.stoppedBy.state}`}</Badge>
                ) : null}
                {data.ownerEmail ? null : <Badge tone="high">no owner</Badge>}
                {data.demo ? <Badge tone="neutral">demo</Badge> : null}
              </>
            }
            line={<CopyText text={data.did} label="DID" />}
            actions={<AgentActions agent={data} />}
          />
          <div className={`${page.grid} ${page.two}`}>
            <div className={page.stack}>
              <AgentBehaviour name={data.name} />
              <LearningPanel name={data.name} />
              <AgentAuthority name={data.name} />
              <AgentTrust name={data.name} />
              <AgentRecords name={data.name} />
              <AgentFacts name={data.name} />
            </div>
            <div className={page.stack}>
              <AgentIdentity agent={data} />
              <CertificateChecks name={data.name} />
              <AgentConnections name={data.name} />
              <AgentFamily agent={data} />
              <AgentAlerts name={data.name} />
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}
