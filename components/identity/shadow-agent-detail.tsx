"use client";

import { ActionIcon, Button, Group } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import type { ShadowAgent } from "#server/layers/identity/shadow-schema.ts";
import { enrolFindingHref } from "../agent/enrolment/use-registration.ts";
import { usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { Badge } from "../ui/badge.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { formatCount, shortDigest } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Facts } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import { shadowTitle, shadowTone, WAY_WORDS } from "./shadow-words.ts";

type Props = { finding: ShadowAgent; onClose: () => void };

/** What an unknown identity said of itself, none of it proved, and what to make of it. */
export function ShadowAgentDetail({ finding, onClose }: Props) {
  return (
    <Panel
      title={shadowTitle(finding)}
      state={<Badge tone={shadowTone(finding)}>{finding.state}</Badge>}
      note={
        <ActionIcon variant="subtle" color="gray" onClick={onClose} aria-label="Close the detail">
          <IconX size={16} aria-hidden />
        </ActionIcon>
      }
    >
      <div style={{ display: "grid", gap: 16 }}>
        <p className="muted" style={{ margin: 0 }}>
          {finding.many
            ? "More identities showed themselves than are kept one by one; those of this network are counted together."
            : "What follows is the stranger's own word. None of it was proved, and it was let in nowhere."}
        </p>
        <Decide finding={finding} />
        <Facts facts={factsOf(finding)} />
      </div>
    </Panel>
  );
}

function factsOf(finding: ShadowAgent): Parameters<typeof Facts>[0]["facts"] {
  const { agent, decidedBy, decidedAt } = finding;
  return [
    ...(finding.many
      ? []
      : ([
          ["Claims to be", finding.claimed],
          ["Vouched for by", finding.issuer || "nobody"],
        ] as const)),
    ["Showed itself by", finding.ways.map((way) => WAY_WORDS[way]).join(", ")],
    ...(finding.evidence
      ? ([
          [
            "Evidence",
            <CopyText
              key="evidence"
              text={finding.evidence}
              shown={shortDigest(finding.evidence)}
              label="fingerprint of the certificate or key"
            />,
          ],
        ] as const)
      : []),
    ["Network", finding.network],
    ["Times", formatCount(finding.count)],
    ["First seen", <Instant key="first" at={finding.firstSeenAt} />],
    ["Last seen", <Instant key="last" at={finding.lastSeenAt} />],
    ...(decidedAt ? ([["Decided", <Instant key="decided" at={decidedAt} />]] as const) : []),
    ...(decidedBy ? ([["By", decidedBy]] as const) : []),
    ...(finding.reason ? ([["Reason", finding.reason]] as const) : []),
    ...(agent
      ? ([
          [
            "Registered as",
            <Link key="agent" href={`/agents/${agent.name}`}>
              {agent.name}
            </Link>,
          ],
        ] as const)
      : []),
  ];
}

function Decide({ finding }: { finding: ShadowAgent }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const mayRegister = usePermits("agents.register");
  const mayDismiss = usePermits("alerts.triage");
  const [dismissing, setDismissing] = useState(false);
  const done = () => setDismissing(false);
  const dismiss = useMutation(
    trpc.shadowAgents.dismiss.mutationOptions({
      onSuccess: done,
      onSettled: () => client.invalidateQueries(trpc.shadowAgents.pathFilter()),
    }),
  );
  if (finding.state !== "open" || !(mayRegister || mayDismiss)) return null;
  return (
    <Group gap="sm">
      {mayRegister && !finding.many ? (
        <Button component={Link} href={enrolFindingHref({ ...finding, name: finding.suggestedName ?? "" })}>
          Register as agent…
        </Button>
      ) : null}
      {mayDismiss ? (
        <Button variant="default" onClick={() => setDismissing(true)}>
          Dismiss…
        </Button>
      ) : null}
      <ConfirmDialog
        opened={dismissing}
        onClose={done}
        title="Dismiss this finding"
        confirmLabel="Dismiss"
        reason={{ label: "Reason", placeholder: "Whose it is, and why it is no agent of ours" }}
        pending={dismiss.isPending}
        error={dismiss.error}
        onConfirm={(reason) => dismiss.mutate({ id: finding.id, version: finding.version, reason })}
      >
        It stays on the list and goes on being counted, and raises no further alert.
      </ConfirmDialog>
    </Group>
  );
}
