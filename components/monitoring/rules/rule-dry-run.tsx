"use client";

import { Button, Progress } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import {
  RULE_DRY_RUN_DAYS,
  type RuleDryRunLine,
  type RuleDryRunResult,
  type RuleDryRunView,
} from "#server/layers/monitoring/rule-dry-run-schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import { Badge } from "../../ui/badge.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Panel } from "../../ui/panel.tsx";
import { countWords } from "./count-words.ts";
import classes from "./rules.module.css";
import { shareRead } from "./share-read.ts";

type Props = { what: { proposalId: string } | { rules: Record<string, unknown>[] }; disabled?: boolean };
const LOOK_MS = 1_000;

const COLUMNS: readonly Column<RuleDryRunLine>[] = [
  {
    key: "then",
    header: "Then",
    render: ({ firedThen }) =>
      firedThen ? <Badge tone="neutral">fired then too</Badge> : <Badge tone="medium">only now</Badge>,
  },
  {
    key: "agent",
    header: "Agent",
    render: ({ agent }) => <Link href={`/agents/${agent.name}`}>{agent.name}</Link>,
  },
  {
    key: "counts",
    header: "Counted",
    grow: true,
    wideOnly: true,
    render: ({ counts }) => <span title={countWords(counts)}>{countWords(counts)}</span>,
  },
  {
    key: "at",
    header: "When",
    render: ({ lastAt, recordIds }) =>
      recordIds[0] ? (
        <Link href={`/audit/${recordIds[0]}`}>
          <Instant at={lastAt} />
        </Link>
      ) : (
        <Instant at={lastAt} />
      ),
  },
];

/** Tries rules on what was recorded: the worker reads, this shows how far it has come and what would have fired. */
export function RuleDryRun({ what, disabled = false }: Props) {
  const trpc = useTRPC();
  const [id, setId] = useState<string | null>(null);
  const start = useMutation(trpc.rules.startDryRun.mutationOptions({ onSuccess: (made) => setId(made.id) }));
  const run = useQuery(
    trpc.rules.dryRun.queryOptions(
      { id: id ?? "" },
      {
        enabled: id !== null,
        refetchInterval: ({ state }) => (isOver(state.data) ? false : LOOK_MS),
      },
    ),
  );
  const view = id === null ? undefined : run.data;
  const busy = start.isPending || (id !== null && !isOver(view) && !run.error);
  return (
    <Panel
      title={`Dry-run over the last ${RULE_DRY_RUN_DAYS} days`}
      note={
        <Button
          size="compact-sm"
          variant="default"
          disabled={disabled}
          loading={busy}
          onClick={() => start.mutate(what)}
        >
          {view?.result ? "Run again" : "Run"}
        </Button>
      }
      flush
    >
      <div className={classes.pad} aria-live="polite">
        {busy ? (
          <Reading view={view} />
        ) : view?.result ? (
          <Found view={view} result={view.result} />
        ) : (
          <span className="muted">
            What the agents signed and sent is judged anew, also by a rule that is off. It changes nothing.
          </span>
        )}
        <ActionError error={start.error ?? run.error} />
      </div>
      {view?.result && view.result.lines.length > 0 ? (
        <DataTable
          label="What would have fired"
          columns={COLUMNS}
          rows={view.result.lines}
          rowKey={({ rule, agent, firstAt }) => `${rule} ${agent.id} ${firstAt.getTime()}`}
        />
      ) : null}
    </Panel>
  );
}

function isOver(view: RuleDryRunView | undefined): boolean {
  return view?.status === "done" || view?.status === "failed";
}

function Reading({ view }: { view: RuleDryRunView | undefined }) {
  const share = view ? shareRead(view) : 0;
  return (
    <>
      <Progress value={share * 100} aria-label="How much of the time is read" mb={6} />
      {view?.status === "running"
        ? `${view.recordsRead.toLocaleString("en-GB")} records read, the newest first.`
        : "Waiting for the worker."}
    </>
  );
}

function Found({ view, result }: { view: RuleDryRunView; result: RuleDryRunResult }) {
  if (result.failed) return <span>{result.failed}</span>;
  const fires = result.lines.length + result.beyondLines;
  const number = (value: number) => value.toLocaleString("en-GB");
  return (
    <>
      <p className={classes.words}>
        <strong>
          {fires === 0 ? "It would not have fired." : `It would have fired ${number(fires)} times.`}
        </strong>{" "}
        {number(result.actionsRead)} actions of {number(result.agents)} agents were read, back to{" "}
        <Instant at={result.cut?.at ?? view.from} />.
        {result.beyondLines > 0 ? ` ${number(result.beyondLines)} stand in no line.` : ""}
        {result.onlyThen.length > 0
          ? ` ${number(result.onlyThen.length)} times it fired then and would not now.`
          : ""}
      </p>
      <ul className={`${classes.said} muted`} aria-label="What was not looked at">
        {result.notLookedAt.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </>
  );
}
