"use client";

import Link from "next/link";
import type { AgentDetail, KinView } from "#server/layers/identity/schema.ts";
import { Badge, StatusBadge } from "../ui/badge.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./identity.module.css";

/** Whose child the agent is and whose parent: what a parent may not do, nobody below it may. */
export function AgentFamily({ agent }: { agent: AgentDetail }) {
  const { above, below, stoppedBy } = agent;
  if (above.length === 0 && below.length === 0) return null;
  return (
    <Panel
      title="Family"
      state={stoppedBy ? <Badge tone="critical">{`stopped by ${stoppedBy.name}`}</Badge> : null}
      note={below.length > 0 ? `${below.length} below` : null}
      flush
    >
      <ul className={classes.credentials}>
        {[...above].reverse().map((kin) => (
          <Kin key={kin.name} kin={kin} said="above" />
        ))}
        <li className={classes.kin}>
          <strong>{agent.name}</strong> <span className="muted">this agent</span>
        </li>
        {below.map((kin) => (
          <Kin
            key={kin.name}
            kin={kin}
            said={kin.parentName === agent.name ? "child" : `child of ${kin.parentName}`}
          />
        ))}
      </ul>
    </Panel>
  );
}

function Kin({ kin, said }: { kin: KinView; said: string }) {
  return (
    <li className={classes.kin}>
      <Link href={`/agents/${kin.name}`}>{kin.name}</Link>
      <span className="muted">{said}</span>
      <StatusBadge status={kin.banned ? "banned" : kin.status} />
    </li>
  );
}
