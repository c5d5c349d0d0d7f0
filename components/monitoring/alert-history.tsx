import Link from "next/link";
import type { AlertDetail } from "#server/layers/monitoring/alert-work-schema.ts";
import type { AlertView } from "#server/layers/monitoring/schema.ts";
import { StatusBadge } from "../ui/badge.tsx";
import { alertName, formatIso, formatPercent, formatScore, toWords } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Timeline } from "../ui/timeline.tsx";
import type { Tone } from "../ui/tone.ts";
import classes from "./alerts.module.css";

const TONES: Record<string, Tone> = {
  raised: "high",
  closed: "ok",
  escalated: "critical",
  reopened: "medium",
};

/** Everything that was done to the alert, by whom and why. */
export function AlertHistory({ transitions }: Pick<AlertDetail, "transitions">) {
  if (transitions.length === 0) return null;
  return (
    <div>
      <h3 className={classes.section}>History</h3>
      <Timeline
        entries={transitions.map(({ id, at, kind, actor, words, detail }) => ({
          key: String(id),
          at,
          tone: TONES[kind] ?? "neutral",
          title: `${actor} ${words}`,
          detail: said(detail.text) ?? said(detail.reason),
        }))}
      />
    </div>
  );
}

const said = (value: unknown) => (typeof value === "string" ? value : null);

/** How often it was raised, minute by minute; long histories are scrolled. */
export function AlertOccurrences({ occurrences }: Pick<AlertDetail, "occurrences">) {
  if (occurrences.length < 2) return null;
  return (
    <details>
      <summary className={classes.section}>Seen in {occurrences.length} minutes</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <section tabIndex={0} aria-label="Occurrences" style={{ maxHeight: 200, overflow: "auto" }}>
        <ul className={classes.plain}>
          {occurrences.map(({ minute, count, score, severity }) => (
            <li key={minute.getTime()}>
              <span className="mono">{formatIso(minute).slice(0, 16).replace("T", " ")}</span> {count}×,{" "}
              {severity}
              {score === null ? "" : `, score ${formatScore(score)}`}
            </li>
          ))}
        </ul>
      </section>
    </details>
  );
}

/** How its rule was judged, on this agent before and on others. */
export function AlertPrior({ alert }: { alert: AlertDetail }) {
  const { days, raised, verdicts, falsePositiveRate } = alert.ruleRecord;
  const judged = Object.entries(verdicts).map(([verdict, count]) => `${count} ${toWords(verdict)}`);
  return (
    <div>
      <h3 className={classes.section}>How its rule was judged</h3>
      <p style={{ margin: "0 0 6px" }}>
        Rule {alert.rule}, {days} days: {raised} raised; {judged.join(", ") || "none judged yet"}
        {falsePositiveRate === null ? "." : `; ${formatPercent(falsePositiveRate)} false positives.`}
      </p>
      <ul className={classes.plain} aria-label="The same rule before on this agent">
        {alert.earlier.map((one) => (
          <li key={one.id}>
            <Link href={`/alerts/${one.number}`}>{alertName(one.number)}</Link>{" "}
            <span className="muted">
              {one.mergedInto
                ? `part of ${alertName(one.mergedInto.number)}`
                : toWords(one.disposition ?? "closed without a verdict")}
              {one.closeReason ? `: ${one.closeReason}` : ""}
              {one.counts ? "" : " (no longer counts)"}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Alerts that have to do with it: its group, what is part of it, and the same rule elsewhere. */
export function AlertRelated({ alert }: { alert: AlertDetail }) {
  return (
    <>
      <Related title="The same agent and cause" alerts={alert.group} />
      <Related title="Merged into it" alerts={alert.merged} />
      <Related title="The same rule elsewhere" alerts={alert.similar} agents />
    </>
  );
}

function Related({
  title,
  alerts,
  agents = false,
}: {
  title: string;
  alerts: readonly AlertView[];
  agents?: boolean;
}) {
  if (alerts.length === 0) return null;
  return (
    <div>
      <h3 className={classes.section}>{title}</h3>
      <ul className={classes.plain}>
        {alerts.map((one) => (
          <li key={one.id}>
            <Link href={`/alerts/${one.number}`}>{alertName(one.number)}</Link>{" "}
            {agents ? (one.agent?.name ?? "no agent") : one.title}{" "}
            {one.disposition ? (
              <span className="muted">{toWords(one.disposition)}</span>
            ) : (
              <StatusBadge status={one.status} />
            )}{" "}
            <span className="muted">
              <Instant at={one.openedAt} as="ago" />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
