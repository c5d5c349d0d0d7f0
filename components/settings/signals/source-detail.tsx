"use client";

import { Button, Group, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { HOOKS_PATH } from "#server/layers/monitoring/signal-schema.ts";
import type { SourceView } from "#server/layers/monitoring/signal-source-schema.ts";
import { useSteppedUp } from "../../access/step-up.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { formatCount, toWords } from "../../ui/format.ts";
import { Instant } from "../../ui/instant.tsx";
import { Facts } from "../../ui/page-head.tsx";
import classes from "../settings.module.css";
import { EditSource } from "./edit-source.tsx";
import { ShownSecret } from "./shown-secret.tsx";
import { AUTH_WORDS, gapWords, KIND_WORDS, lagWords } from "./source-words.ts";

/** One source: its health, what of it is missing, how it maps, and what an administrator may do. */
export function SourceDetail({ source }: { source: SourceView }) {
  return (
    <div className={classes.form}>
      <Facts facts={factsOf(source)} />
      <SourceActs source={source} />
      <EditSource key={source.version} source={source} />
    </div>
  );
}

function factsOf(source: SourceView): Parameters<typeof Facts>[0]["facts"] {
  const { day, gaps, secrets } = source;
  const refused = Object.entries(day.refusedBy).map(
    ([why, count]) => `${formatCount(count)} ${toWords(why)}`,
  );
  return [
    ["Kind", `${KIND_WORDS[source.kind]}; ${AUTH_WORDS[source.auth].toLowerCase()}`],
    ["Last received", source.receivedAt ? <Instant key="at" at={source.receivedAt} as="ago" /> : "never"],
    [
      "Last 24 hours",
      `${formatCount(day.received)} received: ${formatCount(day.mapped)} mapped, ${formatCount(day.unmapped)} without an agent, ${formatCount(day.held)} unreadable; ${formatCount(day.repeated)} came again, ${formatCount(day.heartbeats)} heartbeats`,
    ],
    ["Refused", refused.length > 0 ? refused.join(", ") : "none"],
    [
      "How late",
      `${lagWords(source.lagMs)}; in 24 hours half within ${lagWords(day.lagMsMedian)}, 95 % within ${lagWords(day.lagMsP95)}`,
    ],
    ["Missing", gaps.length > 0 ? gaps.map(gapWords).join("; ") : "nothing known"],
    ...(source.agentName ? ([["Certificate", source.agentName]] as const) : []),
    ...(secrets.length > 1 && secrets[1]?.endsAt
      ? ([["The secret before", <Instant key="ends" at={secrets[1].endsAt} as="future" />]] as const)
      : []),
  ];
}

function SourceActs({ source }: { source: SourceView }) {
  const { id: sourceId, name, auth, enabled, version } = source;
  const trpc = useTRPC();
  const client = useQueryClient();
  const [switching, setSwitching] = useState(false);
  const onSettled = () => client.invalidateQueries(trpc.signals.pathFilter());
  const rotate = useMutation(trpc.signals.rotate.mutationOptions({ onSettled }));
  const trial = useMutation(trpc.signals.test.mutationOptions({ onSettled }));
  const turn = useMutation(
    trpc.signals.switch.mutationOptions({ onSettled, onSuccess: () => setSwitching(false) }),
  );
  const runRotate = useSteppedUp(rotate);
  return (
    <>
      <Group gap={6}>
        <Button
          size="compact-sm"
          variant="default"
          loading={trial.isPending}
          disabled={!enabled}
          onClick={() => trial.mutate({ sourceId })}
        >
          Send a trial
        </Button>
        {auth === "certificate" ? null : (
          <Button
            size="compact-sm"
            variant="default"
            loading={rotate.isPending}
            onClick={() => void runRotate({ sourceId })}
          >
            New secret…
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={() => setSwitching(true)}>
          {enabled ? "Turn off…" : "Turn on…"}
        </Button>
      </Group>
      {trial.data ? (
        <p role="status" style={{ margin: 0 }}>
          The trial was read and is {trial.data.outcome}. {trial.data.reason}
        </p>
      ) : null}
      <ActionError error={trial.error ?? rotate.error} />
      <Modal
        opened={rotate.data !== undefined}
        onClose={() => rotate.reset()}
        title={`New secret of ${name}`}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <p style={{ marginTop: 0 }}>
          The secret before counts for another day, so that nothing is lost while you change it.
        </p>
        <ShownSecret
          secret={rotate.data?.secret ?? ""}
          auth={auth}
          hook={`${window.location.origin}${HOOKS_PATH}/${name}`}
          onClose={() => rotate.reset()}
        />
      </Modal>
      <ConfirmDialog
        opened={switching}
        onClose={() => setSwitching(false)}
        title={`${enabled ? "Turn off" : "Turn on"} ${name}`}
        confirmLabel={enabled ? "Turn off" : "Turn on"}
        danger={enabled}
        reason={{ label: "Why" }}
        pending={turn.isPending}
        error={turn.error}
        onConfirm={(reason) => turn.mutate({ sourceId, version, enabled: !enabled, reason })}
      >
        <p style={{ margin: 0 }}>
          {enabled
            ? "Vigil goes blind there: what it sends is refused, and an alert says so."
            : "What it sends is taken again, and its silence counts from now on."}
        </p>
      </ConfirmDialog>
    </>
  );
}
