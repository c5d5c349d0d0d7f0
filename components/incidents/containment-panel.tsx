"use client";

import Link from "next/link";
import type { ContainmentView } from "#server/incidents/views.ts";
import { StatusBadge, ToneIcon } from "../ui/badge.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { formatDuration, shortDigest } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Panel } from "../ui/panel.tsx";
import { statusTone } from "../ui/tone.ts";
import classes from "./incidents.module.css";
import { ReleaseActions } from "./release-actions.tsx";

const TITLES: Record<ContainmentView["steps"][number]["step"], string> = {
  tokens: "Tokens",
  isolation: "Isolation",
  connections: "Connections",
  snapshot: "Evidence",
  incident: "Incident",
  alert: "Alert",
};

/** Each step of a containment with its result and how long it took, then the way out by two people. */
export function ContainmentPanel({ containment }: { containment: ContainmentView }) {
  return (
    <Panel
      title="Containment"
      state={
        <StatusBadge
          status={containment.status === "released" ? "recovered" : containment.status}
          label={containment.status}
        />
      }
      flush
    >
      <p className={classes.reason} title={containment.reason}>
        {containment.reason}
      </p>
      <p className={classes.small} style={{ margin: "2px 14px 10px" }}>
        <Link href={`/agents/${containment.agent.name}`}>{containment.agent.name}</Link> by{" "}
        {containment.requestedBy.email ?? containment.requestedBy.id},{" "}
        <Instant at={containment.requestedAt} />
      </p>
      <ul
        className={classes.rows}
        aria-label="Steps of the containment"
        style={{ borderTop: "1px solid var(--v-line)" }}
      >
        {containment.steps.map((step) => (
          <li key={step.step} className={classes.row}>
            <ToneIcon tone={step.status === "pending" ? "neutral" : statusTone(step.status)} />
            <div className={classes.rowText}>
              {TITLES[step.step]} <span className="muted">{step.status}</span>
              <div className={classes.small}>{step.detail}</div>
            </div>
            <span className={`mono ${classes.rowSide}`}>
              {step.durationMs === null ? "" : formatDuration(step.durationMs)}
            </span>
          </li>
        ))}
      </ul>
      {containment.snapshot ? (
        <div className={classes.row} style={{ borderTop: "1px solid var(--v-line)" }}>
          <span className={classes.rowText}>
            <span className="muted">Evidence sealed </span>
            <CopyText
              text={containment.snapshot.digest}
              shown={shortDigest(containment.snapshot.digest, 8)}
              label="digest of the evidence"
            />
          </span>
        </div>
      ) : null}
      <ReleaseActions containment={containment} />
    </Panel>
  );
}
