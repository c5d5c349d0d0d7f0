"use client";

import { ActionIcon, Button, Group, SegmentedControl, Textarea } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import type { BreakGlassView } from "#server/layers/authorization/glass-schema.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { Badge } from "../ui/badge.tsx";
import { CheckList } from "../ui/check-list.tsx";
import { Instant } from "../ui/instant.tsx";
import page from "../ui/page.module.css";
import { Facts } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { reviewTone, reviewWords } from "./break-glass-words.ts";
import { RiskBadge } from "./risk.tsx";

/** One use of break-glass: who, why, what became of it, and the verdict of somebody else. */
export function BreakGlassUse({ use, onClose }: { use: BreakGlassView; onClose: () => void }) {
  return (
    <Panel
      title={`${use.scope} for ${use.agent.name}`}
      state={<Badge tone={reviewTone(use)}>{reviewWords(use)}</Badge>}
      note={
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close the detail">
          <IconX size={16} aria-hidden />
        </ActionIcon>
      }
    >
      <div style={{ display: "grid", gap: 16 }}>
        <Facts facts={factsOf(use)} />
        {use.reviewedAt ? null : <Review key={use.id} use={use} />}
      </div>
    </Panel>
  );
}

function factsOf(use: BreakGlassView): Parameters<typeof Facts>[0]["facts"] {
  const { grant } = use;
  return [
    ["By", `${use.by.name} alone; nobody approved it`],
    ["Why", use.reason],
    ["Risk", <RiskBadge key="risk" risk={use.risk} />],
    [
      "Agent",
      <Link key="agent" href={`/agents/${use.agent.name}`}>
        {use.agent.name}
      </Link>,
    ],
    ["When", <Instant key="used" at={use.usedAt} />],
    ["Second factor", use.stepUp],
    [
      grant.live ? "Ends" : "Ended",
      <Instant key="ends" at={grant.revokedAt ?? use.endsAt} as={grant.live ? "future" : undefined} />,
    ],
    [
      "Used",
      grant.lastUsedAt ? (
        <Instant key="last" at={grant.lastUsedAt} />
      ) : grant.activatedAt ? (
        "a token carried it; no action is known"
      ) : (
        "never: no token carried it"
      ),
    ],
    ["Review due", <Instant key="due" at={use.reviewDueAt} />],
    ...(use.reviewedAt
      ? ([
          ["Reviewed", <Instant key="reviewed" at={use.reviewedAt} />],
          ["Reviewed by", use.reviewedBy?.name ?? null],
          ["Verdict", `${reviewWords(use)}: ${use.reviewReason ?? ""}`],
        ] as const)
      : []),
  ];
}

function Review({ use }: { use: BreakGlassView }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [verdict, setVerdict] = useState<"justified" | "not-justified">("justified");
  const [reason, setReason] = useState("");
  const mutation = useMutation(
    trpc.glass.review.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.glass.pathFilter()),
    }),
  );
  const review = useSteppedUp(mutation);
  if (!use.mayReview.allowed)
    return (
      <div>
        <p style={{ marginTop: 0 }}>You cannot review this use.</p>
        <CheckList checks={use.mayReview.checks.filter(({ passed }) => !passed)} />
      </div>
    );
  const ready = reason.trim().length >= 3;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !mutation.isPending) void review({ id: use.id, verdict, reason: reason.trim() });
  };
  return (
    <form onSubmit={submit} className={page.form}>
      <SegmentedControl
        aria-label="Verdict"
        value={verdict}
        onChange={(value) => setVerdict(value === "justified" ? "justified" : "not-justified")}
        data={[
          { value: "justified", label: "Justified" },
          { value: "not-justified", label: "Not justified" },
        ]}
      />
      <Textarea
        label="Reason"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={1_000}
        autosize
        minRows={2}
        required
      />
      <p className="muted" style={{ margin: 0 }}>
        {verdict === "justified"
          ? "The verdict is for good and goes on record as yours."
          : "The verdict is for good. An alert asks for a decision whether this is an incident."}
      </p>
      <ActionError error={mutation.error} />
      <Group justify="flex-end">
        <Button type="submit" disabled={!ready} loading={mutation.isPending}>
          Record review
        </Button>
      </Group>
    </form>
  );
}
