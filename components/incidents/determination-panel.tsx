"use client";

import { Button } from "@mantine/core";
import type { IncidentDetail } from "#server/incidents/views.ts";
import { Badge } from "../ui/badge.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { shortDigest } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./incidents.module.css";
import { ANSWER_WORDS, LIMB_TITLES } from "./worksheet-words.ts";

type Props = { incident: IncidentDetail; onDetermine: () => void };
type Determination = IncidentDetail["determinations"][number];

/** What was decided about notifying, by whom, on which facts; earlier decisions stay readable. */
export function DeterminationPanel({ incident, onDetermine }: Props) {
  const current = incident.determinations.find(({ superseded }) => !superseded);
  const earlier = incident.determinations.filter(({ superseded }) => superseded);
  const button = incident.canDetermine.allowed ? (
    <Button variant={current ? "default" : "filled"} onClick={onDetermine} data-print="hide">
      {current ? "Determine anew…" : "Determine…"}
    </Button>
  ) : null;
  return (
    <Panel
      title="Determination"
      state={current ? <OutcomeBadge outcome={current.outcome} /> : <Badge tone="medium">not yet</Badge>}
      note={current ? button : null}
      flush
    >
      {current ? (
        <Decided determination={current} />
      ) : (
        <EmptyState title="Nobody has determined yet" action={button}>
          {incident.canDetermine.reason ??
            "Fill in the worksheet: was there actual harm, and is one of the three limbs met or reasonably likely?"}
        </EmptyState>
      )}
      {earlier.length > 0 ? (
        <details style={{ padding: "0 14px 12px" }}>
          <summary>
            {earlier.length} earlier {earlier.length === 1 ? "determination" : "determinations"}
          </summary>
          {earlier.map((one) => (
            <p key={one.id} style={{ margin: "6px 0 0" }}>
              <OutcomeBadge outcome={one.outcome} /> <Instant at={one.determinedAt} /> by{" "}
              {one.determinedBy.email}: {one.reason}
            </p>
          ))}
        </details>
      ) : null}
    </Panel>
  );
}

function OutcomeBadge({ outcome }: { outcome: Determination["outcome"] }) {
  return outcome === "notifiable" ? (
    <Badge tone="high">must be notified</Badge>
  ) : (
    <Badge tone="neutral">need not be notified</Badge>
  );
}

function Decided({ determination }: { determination: Determination }) {
  const { worksheet } = determination;
  const answers = [
    {
      title: "Actual harm",
      word: worksheet.actualHarm.answer ? "yes" : "no",
      strong: worksheet.actualHarm.answer,
      facts: worksheet.actualHarm.facts,
    },
    ...LIMB_TITLES.map(({ id, title }) => ({
      title,
      word: ANSWER_WORDS[worksheet.limbs[id].answer],
      strong: worksheet.limbs[id].answer !== "no",
      facts: worksheet.limbs[id].facts,
    })),
  ];
  return (
    <>
      <ul className={classes.rows}>
        {answers.map(({ title, word, strong, facts }) => (
          <li key={title} className={classes.row}>
            <div className={classes.rowText}>
              {title}
              <div className={classes.small}>{facts}</div>
            </div>
            <Badge tone={strong ? "high" : "low"}>{word}</Badge>
          </li>
        ))}
      </ul>
      <div style={{ padding: "10px 14px 12px", borderTop: "1px solid var(--v-line)" }}>
        <p style={{ margin: "0 0 6px" }}>{determination.reason}</p>
        <div className={classes.small}>
          by {determination.determinedBy.email ?? determination.determinedBy.id},{" "}
          <Instant at={determination.determinedAt} />, second factor: {determination.stepUp}
        </div>
        <div className={classes.small}>
          <CopyText
            text={determination.digest}
            shown={shortDigest(determination.digest, 8)}
            label="digest of the determination"
          />{" "}
          {determination.intact ? (
            <Badge tone="ok">same as in the audit record</Badge>
          ) : (
            <Badge tone="critical">differs from the audit record</Badge>
          )}
        </div>
      </div>
    </>
  );
}
