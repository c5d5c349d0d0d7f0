"use client";

import { Button, Checkbox, Group } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import type { VerificationView } from "#server/layers/audit/schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { StatusBadge } from "../ui/badge.tsx";
import { formatCount, formatDuration, toMs } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { Meter } from "../ui/meter.tsx";
import { EmptyState } from "../ui/notices.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./audit.module.css";
import { findingTitle } from "./finding-words.ts";

/** Recomputes the whole chain on the server: progress while it runs, then every finding, and what was not checked. */
export function VerificationPanel() {
  const trpc = useTRPC();
  const latest = useQuery({
    ...trpc.audit.latestVerification.queryOptions(),
    refetchInterval: ({ state }) => (isUnderWay(state.data?.status) ? 1_000 : false),
  });
  return (
    <Panel title="Verification" state={latest.data ? <StatusBadge status={latest.data.status} /> : null}>
      <div style={{ display: "grid", gap: 14 }}>
        <StartVerification underWay={isUnderWay(latest.data?.status)} />
        <Loaded query={latest} what="the last verification" rows={3}>
          {(run) => (run ? <Run run={run} /> : <Never />)}
        </Loaded>
      </div>
    </Panel>
  );
}

function isUnderWay(status: string | undefined): boolean {
  return status === "queued" || status === "running";
}

function Never() {
  return (
    <EmptyState title="Never verified">
      A verification recomputes every hash from the stored bytes, walks the chain and the tree, and checks the
      checkpoints' and the agents' signatures.
    </EmptyState>
  );
}

function StartVerification({ underWay }: { underWay: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const may = usePermits("audit.verify");
  const [withSignatures, setWithSignatures] = useState(true);
  const start = useMutation(
    trpc.audit.startVerification.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.audit.latestVerification.pathFilter()),
    }),
  );
  if (!may) return null;
  return (
    <div>
      <Group justify="space-between">
        <Checkbox
          label="with the agents' signatures"
          checked={withSignatures}
          onChange={(event) => setWithSignatures(event.currentTarget.checked)}
        />
        <Button
          loading={start.isPending}
          disabled={underWay}
          onClick={() => start.mutate({ withSignatures })}
        >
          Verify now
        </Button>
      </Group>
      <ActionError error={start.error} />
    </div>
  );
}

function Run({ run }: { run: VerificationView }) {
  return (
    <div style={{ display: "grid", gap: 12 }} aria-live="polite">
      <div className="muted">
        {run.requestedBy}, <Instant at={run.requestedAt} as="ago" />
        {run.startedAt && run.finishedAt
          ? ` · ${formatCount(run.checked)} records in ${formatDuration(toMs(run.finishedAt) - toMs(run.startedAt))}`
          : ""}
      </div>
      {isUnderWay(run.status) ? (
        <div>
          <Meter
            part={run.total === 0 ? 0 : run.checked / run.total}
            tone="brand"
            heightPx={6}
            label={`${formatCount(run.checked)} of ${formatCount(run.total)} records checked`}
          />
          <div className="muted" style={{ marginTop: 4 }}>
            {formatCount(run.checked)} of {formatCount(run.total)} records
          </div>
        </div>
      ) : null}
      {run.error ? <p style={{ margin: 0, color: "var(--v-critical)" }}>{run.error}</p> : null}
      {run.findings.length > 0 ? (
        <ul className={classes.findings} aria-label="Findings">
          {run.findings.map((finding) => (
            <li key={`${finding.class}${finding.fromSeq}`} className={classes.finding}>
              <strong>{findingTitle(finding)}</strong>
              <div>{finding.detail}</div>
              {finding.recordId ? <Link href={`/audit/${finding.recordId}`}>Open the record</Link> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {run.statement.length > 0 ? (
        <ul className={classes.statement} aria-label="What was checked">
          {run.statement.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
