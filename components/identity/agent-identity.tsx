"use client";

import Link from "next/link";
import { type AgentDetail, type CredentialView, PURPOSES } from "#server/layers/identity/schema.ts";
import { Badge, StatusBadge } from "../ui/badge.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { shortDigest, toWords } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Facts } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./identity.module.css";
import { LifeBar } from "./life-bar.tsx";

/** What proves that it is this agent: five keys for five purposes, each with its own end. */
export function AgentIdentity({ agent }: { agent: AgentDetail }) {
  const live = PURPOSES.flatMap((purpose) => {
    const newest = agent.credentials.find((c) => c.purpose === purpose && c.status === "active");
    return newest ? [newest] : [];
  });
  const refused = agent.refusedRequests[0];
  return (
    <>
      <Panel title="Declared">
        <Facts
          facts={[
            ["Does", agent.title || null],
            ["Owner", agent.ownerEmail ?? <StatusBadge status="limited" label="no owner" />],
            ["Kind", toWords(agent.kind)],
            [
              "Parent",
              agent.parentName ? (
                <Link key="parent" href={`/agents/${agent.parentName}`}>
                  {agent.parentName}
                </Link>
              ) : (
                "none"
              ),
            ],
            ["Zone", agent.zone.toUpperCase()],
            ["Criticality", toWords(agent.criticality)],
            ["Model", agent.model],
            ["Version", agent.version],
            ["Registered", <Instant key="created" at={agent.createdAt} />],
            ["Enrolled", agent.enrolledAt ? <Instant key="enrolled" at={agent.enrolledAt} /> : "not yet"],
            ["Last seen", agent.lastSeenAt ? <Instant key="seen" at={agent.lastSeenAt} /> : "never"],
          ]}
        />
      </Panel>
      <Panel
        title="Credentials"
        state={
          <Badge
            tone={live.length === PURPOSES.length ? "ok" : "high"}
          >{`${live.length} of ${PURPOSES.length} live`}</Badge>
        }
        flush
      >
        {live.length === 0 ? (
          <EmptyState title="No credentials">
            {agent.enrolledAt
              ? "All were revoked. The agent needs a new join token to enrol again."
              : "The agent has not enrolled yet: create a join token and start the agent with it."}
          </EmptyState>
        ) : (
          <ul className={classes.credentials}>
            {live.map((credential) => (
              <Credential key={credential.id} credential={credential} />
            ))}
          </ul>
        )}
        {refused ? (
          <p className={classes.refused}>
            <Badge tone="high">renewal refused</Badge> {refused.purpose}, <Instant at={refused.at} as="ago" />
            : {refused.detail}
          </p>
        ) : null}
      </Panel>
    </>
  );
}

function Credential({ credential }: { credential: CredentialView }) {
  return (
    <li>
      <div className={classes.credentialHead}>
        <strong>{credential.purpose}</strong>
        <CopyText
          text={credential.thumbprint}
          shown={shortDigest(credential.thumbprint)}
          label={`thumbprint of the ${credential.purpose} certificate`}
        />
      </div>
      <LifeBar purpose={credential.purpose} notBefore={credential.notBefore} notAfter={credential.notAfter} />
    </li>
  );
}
