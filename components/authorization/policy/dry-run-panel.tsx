"use client";

import { Button, Loader } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import {
  DRY_RUN_DAYS,
  DRY_RUN_RECORDS_MAX,
  type DryRunLine,
  type DryRunResult,
} from "#server/layers/authorization/dryrun-schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Panel } from "../../ui/panel.tsx";
import type { Tone } from "../../ui/tone.ts";
import classes from "./policy.module.css";
import { dryRunWords } from "./policy-words.ts";

type Props = { what: { proposalId: string } | { document: Record<string, unknown> }; disabled?: boolean };

const OUTCOMES: Record<DryRunLine["outcome"], { tone: Tone; word: string }> = {
  refused: { tone: "high", word: "would be refused" },
  allowed: { tone: "medium", word: "would be allowed" },
  "other-scope": { tone: "neutral", word: "other scope" },
};

const COLUMNS: readonly Column<DryRunLine>[] = [
  {
    key: "outcome",
    header: "Then",
    render: ({ outcome }) => <Badge tone={OUTCOMES[outcome].tone}>{OUTCOMES[outcome].word}</Badge>,
  },
  { key: "kind", header: "Kind", wideOnly: true, render: ({ kind }) => kind },
  {
    key: "agent",
    header: "Agent",
    render: ({ agent }) => <Link href={`/agents/${agent.name}`}>{agent.name}</Link>,
  },
  { key: "what", header: "Scope or action", render: ({ what }) => <span className="mono">{what}</span> },
  {
    key: "was",
    header: "Was → would be",
    grow: true,
    wideOnly: true,
    render: ({ was, would }) => <span title={`${was} → ${would}`}>{`${was} → ${would}`}</span>,
  },
  { key: "rule", header: "Rule", wideOnly: true, render: ({ rule }) => <span className="mono">{rule}</span> },
  { key: "count", header: "Times", align: "right", render: ({ count }) => count.toLocaleString("en-GB") },
  {
    key: "last",
    header: "Last",
    wideOnly: true,
    render: ({ kind, exampleId, lastAt }) => (
      <Link href={kind === "approval" ? `/approvals/${exampleId}` : `/audit/${exampleId}`}>
        <Instant at={lastAt} />
      </Link>
    ),
  },
];

/** Tries a policy out over what really happened, and shows what would have been decided otherwise. */
export function DryRunPanel({ what, disabled = false }: Props) {
  const trpc = useTRPC();
  const run = useMutation(trpc.policy.dryRun.mutationOptions());
  return (
    <Panel
      title={`Dry-run over the last ${DRY_RUN_DAYS} days`}
      note={
        <Button
          size="compact-sm"
          variant="default"
          disabled={disabled}
          loading={run.isPending}
          onClick={() => run.mutate(what)}
        >
          {run.data ? "Run again" : "Run"}
        </Button>
      }
      flush
    >
      <div style={{ padding: "10px 14px" }} aria-live="polite">
        {run.isPending ? (
          <span style={{ display: "inline-flex", gap: 8, alignItems: "center" }}>
            <Loader size={14} aria-hidden /> Reading up to {DRY_RUN_RECORDS_MAX.toLocaleString("en-GB")}{" "}
            records, the newest first. This takes seconds; it changes nothing.
          </span>
        ) : run.data ? (
          <Found result={run.data} />
        ) : (
          <span className="muted">
            Tokens, approvals and actions of the last days are judged anew by the proposed policy. It changes
            nothing.
          </span>
        )}
        <ActionError error={run.error} />
      </div>
      {run.data && run.data.lines.length > 0 ? (
        <DataTable
          label="What would have been decided otherwise"
          columns={COLUMNS}
          rows={run.data.lines}
          rowKey={({ kind, agent, what: subject, rule, was }) =>
            [kind, agent.id, subject, was, rule].join(" ")
          }
        />
      ) : null}
    </Panel>
  );
}

function Found({ result }: { result: DryRunResult }) {
  const { recordsRead, cut, from, lines, beyondLines } = result;
  return (
    <>
      <ul className={classes.sentences}>
        {dryRunWords(result).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <p className="muted" style={{ margin: 0 }}>
        {recordsRead.toLocaleString("en-GB")} records were read, back to <Instant at={cut?.at ?? from} />.
        {cut ? ` ${cut.why} What came before was not looked at.` : ""}
        {lines.length === 0 ? " Nothing would have been decided otherwise." : ""}
        {beyondLines > 0 ? ` ${beyondLines.toLocaleString("en-GB")} more stand in no line.` : ""}
      </p>
    </>
  );
}
