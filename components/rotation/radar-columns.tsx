import type { CredentialRow, RenewalState } from "#server/layers/identity/schema.ts";
import { LifeBar } from "../identity/life-bar.tsx";
import { Badge, StatusBadge } from "../ui/badge.tsx";
import type { Column } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import type { Tone } from "../ui/tone.ts";
import classes from "./rotation.module.css";

export const STATE_TONES: Record<RenewalState, Tone> = {
  fine: "ok",
  due: "medium",
  overdue: "high",
  failed: "critical",
};

/** The columns of the radar: what ends when, the last renewal that succeeded beside the last that failed. */
export const RADAR_COLUMNS: readonly Column<CredentialRow>[] = [
  { key: "agent", header: "Agent", primary: true, render: (one) => one.agentName },
  { key: "purpose", header: "Purpose", render: (one) => one.purpose },
  {
    key: "state",
    header: "Renewal",
    render: (one) => (
      <>
        <Badge tone={one.ended ? "critical" : STATE_TONES[one.state]}>
          {one.ended && one.state !== "failed" ? "ended" : one.state}
        </Badge>
        {one.neverRenewed ? <Badge tone="high">never renewed</Badge> : null}
      </>
    ),
  },
  {
    key: "life",
    header: "Life used",
    render: (one) => (
      <div style={{ minWidth: 200 }}>
        <LifeBar purpose={one.purpose} notBefore={one.notBefore} notAfter={one.endsAt} />
      </div>
    ),
  },
  { key: "ends", header: "Ends", wideOnly: true, render: (one) => <Instant at={one.endsAt} /> },
  {
    key: "succeeded",
    header: "Last renewed",
    wideOnly: true,
    render: (one) => <Instant at={one.issuedAt} as="ago" />,
  },
  {
    key: "failed",
    header: "Last failed",
    wideOnly: true,
    render: (one) =>
      one.lastFailedAt ? (
        <>
          <Instant at={one.lastFailedAt} as="ago" />
          <span className={classes.reason} title={one.lastFailedDetail ?? undefined}>
            {one.lastFailedDetail}
          </span>
        </>
      ) : (
        <span className="muted">never</span>
      ),
  },
  {
    key: "status",
    header: "Agent is",
    wideOnly: true,
    render: (one) => <StatusBadge status={one.agentStatus} />,
  },
];
