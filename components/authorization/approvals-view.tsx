"use client";

import { Button, SegmentedControl, Switch } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import {
  APPROVAL_STATUSES,
  type ApprovalStatus,
  type ApprovalView,
} from "#server/layers/authorization/schema.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge, StatusBadge } from "../ui/badge.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { PageHead } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { serverNowMs, useNow } from "../ui/server-clock.ts";
import { useUrlParam } from "../ui/use-url-param.ts";
import { Allows } from "./allows.tsx";
import classes from "./authorization.module.css";
import { AuthorizationTabs } from "./authorization-tabs.tsx";
import { durationWords } from "./duration.ts";
import { RequestApproval } from "./request-approval.tsx";
import { RiskBadge } from "./risk.tsx";
import { byUrgency, urgencyOf } from "./urgency.ts";

const COLUMNS: readonly Column<ApprovalView>[] = [
  { key: "scope", header: "Scope", primary: true, render: (a) => <span className="mono">{a.scope}</span> },
  { key: "risk", header: "Risk", render: (a) => <RiskBadge risk={a.risk} /> },
  {
    key: "allows",
    header: "Allows",
    wideOnly: true,
    render: (a) => <Allows limits={a.limits} />,
  },
  { key: "agent", header: "Agent", render: (a) => a.agent.name },
  { key: "for", header: "For", wideOnly: true, render: (a) => durationWords(a.durationSeconds) },
  {
    key: "by",
    header: "Asked by",
    wideOnly: true,
    render: (a) => <span className="muted">{a.requesterName}</span>,
  },
  { key: "asked", header: "Waiting", render: (a) => <Instant at={a.requestedAt} as="age" /> },
  { key: "state", header: "State", render: (a) => <Standing approval={a} /> },
  { key: "ends", header: "Ends", render: (a) => <Ends approval={a} /> },
];

/** When an open request ends unanswered, with how pressing that makes it. */
function Ends({ approval }: { approval: ApprovalView }) {
  const { tone, word } = urgencyOf(approval, useNow());
  if (approval.status !== "pending") return <Instant at={approval.expiresAt} as="future" />;
  return (
    <span style={{ display: "inline-flex", gap: 8, alignItems: "center" }}>
      <Badge tone={tone}>{word}</Badge>
      <Instant at={approval.expiresAt} as="future" />
    </span>
  );
}

function Standing({ approval }: { approval: ApprovalView }) {
  if (approval.status !== "pending") return <StatusBadge status={approval.status} />;
  const approved = approval.votes.filter((vote) => vote.vote === "approve").length;
  return (
    <Badge tone={approval.mayVote.allowed ? "medium" : "neutral"}>
      {approval.mayVote.allowed ? "your vote" : "waiting"} {approved}/{approval.votesNeeded}
    </Badge>
  );
}

/** What agents and people ask for, the oldest first; the answer to each is one page away. */
export function ApprovalsView() {
  const trpc = useTRPC();
  const mayRequest = usePermits("approvals.request");
  const mayVote = usePermits("approvals.vote");
  const [requesting, setRequesting] = useState(false);
  const [chosen, setChosen] = useUrlParam("status");
  const [mine, setMine] = useUrlParam("mine");
  const status: ApprovalStatus = APPROVAL_STATUSES.find((known) => known === chosen) ?? "pending";
  const approvals = useInfiniteQuery(
    trpc.approvals.list.infiniteQueryOptions(
      { status, limit: 50 },
      { getNextPageParam: (last) => last.nextCursor ?? undefined, placeholderData: keepPreviousData },
    ),
  );
  // Ordered when data comes, not as time goes by: nothing moves under the cursor.
  const all = useMemo(() => {
    const loaded = approvals.data?.pages.flatMap((one) => one.approvals) ?? [];
    return status === "pending" ? byUrgency(loaded, serverNowMs()) : loaded;
  }, [approvals.data, status]);
  const rows = mine === "1" && status === "pending" ? all.filter((one) => one.mayVote.allowed) : all;
  const request = (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setRequesting(true)}>
      Request scope
    </Button>
  );
  const pending = approvals.data?.pages[0]?.pending;
  return (
    <>
      <PageHead
        title="Approvals"
        line={pending === undefined ? null : `${pending} waiting`}
        actions={mayRequest ? request : null}
      />
      <AuthorizationTabs />
      <div className={page.filters}>
        <SegmentedControl
          aria-label="Show approvals that are"
          value={status}
          onChange={(value) => setChosen(value === "pending" ? null : value)}
          data={APPROVAL_STATUSES.map((value) => ({
            value,
            label: value.charAt(0).toUpperCase() + value.slice(1),
          }))}
        />
        {status === "pending" && mayVote ? (
          <Switch
            label="Only those I may decide"
            checked={mine === "1"}
            onChange={(event) => setMine(event.currentTarget.checked ? "1" : null)}
          />
        ) : null}
      </div>
      <Panel title={`Requests that are ${status}`} note={<Keys />} flush>
        <Loaded query={approvals} what="the approvals" rows={6}>
          {() => {
            if (rows.length === 0 && all.length > 0) return <NoneOfMine others={all.length} />;
            if (rows.length === 0) return <NoApprovals status={status} />;
            return (
              <DataTable
                label="Approvals"
                columns={COLUMNS}
                rows={rows}
                rowKey={(approval) => approval.id}
                rowHref={(approval) => `/approvals/${approval.id}`}
              />
            );
          }}
        </Loaded>
        {approvals.hasNextPage ? (
          <div className={page.more}>
            <Button
              variant="default"
              loading={approvals.isFetchingNextPage}
              onClick={() => void approvals.fetchNextPage()}
            >
              Show more
            </Button>
          </div>
        ) : null}
      </Panel>
      <RequestApproval opened={requesting} onClose={() => setRequesting(false)} agent={null} />
    </>
  );
}

function Keys() {
  return (
    <span className={classes.keys}>
      <Kbd>j</Kbd> <Kbd>k</Kbd> to move, <Kbd>Enter</Kbd> to open
    </span>
  );
}

function NoneOfMine({ others }: { others: number }) {
  return (
    <EmptyState title="Nothing waits for you">
      {others} {others === 1 ? "request waits" : "requests wait"} for somebody else: each says why.
    </EmptyState>
  );
}

function NoApprovals({ status }: { status: ApprovalStatus }) {
  if (status === "pending")
    return (
      <EmptyState title="Nothing waits for a decision">
        An agent that asks for an elevated or time-bound scope appears here at once. Unanswered requests end
        by themselves; silence never approves.
      </EmptyState>
    );
  return (
    <EmptyState title={`No request was ${status}`}>Requests that were decided stay here for good.</EmptyState>
  );
}
