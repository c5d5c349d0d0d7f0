"use client";

import { Button, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ContainmentView } from "#server/incidents/views.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useOperator, usePermits } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Instant } from "../ui/instant.tsx";
import classes from "./incidents.module.css";

type Open = "request" | "release" | "decline" | null;

/** The way out of a containment: one person asks, another confirms. Says why a button is not for you. */
export function ReleaseActions({ containment }: { containment: ContainmentView }) {
  const [open, setOpen] = useState<Open>(null);
  const { id } = useOperator();
  const mayDecline = usePermits("agents.release");
  const { release, canRelease, canRequestRelease } = containment;
  if (containment.status === "released")
    return (
      <div className={classes.release}>
        <span>
          Released by {containment.releasedBy?.email ?? "nobody"}
          {containment.releasedAt ? (
            <>
              , <Instant at={containment.releasedAt} />
            </>
          ) : null}
        </span>
      </div>
    );
  return (
    <div className={classes.release} data-print="hide">
      {release ? (
        <div>
          <strong>{release.requestedBy.email ?? release.requestedBy.id}</strong> asks for the release:{" "}
          {release.reason}
        </div>
      ) : null}
      <Group gap="sm">
        {release ? (
          <>
            <Button color="red" disabled={!canRelease.allowed} onClick={() => setOpen("release")}>
              Release…
            </Button>
            {mayDecline || release.requestedBy.id === id ? (
              <Button variant="default" onClick={() => setOpen("decline")}>
                {release.requestedBy.id === id ? "Withdraw…" : "Decline…"}
              </Button>
            ) : null}
          </>
        ) : (
          <Button variant="default" disabled={!canRequestRelease.allowed} onClick={() => setOpen("request")}>
            Request release…
          </Button>
        )}
      </Group>
      <Hindrance reason={release ? canRelease.reason : canRequestRelease.reason} />
      <ReleaseDialog open={open} containment={containment} onClose={() => setOpen(null)} />
    </div>
  );
}

function Hindrance({ reason }: { reason: string | null }) {
  return reason ? <span className={classes.small}>{reason}</span> : null;
}

const TEXTS = {
  request: {
    title: "Request the release",
    label: "Request release",
    body: "The agent stays contained until a second person confirms. Say what was found and what was done about it.",
    reason: "Why it is safe",
  },
  release: {
    title: "Release the agent",
    label: "Release agent",
    body: "The agent may ask for new tokens and act again at once. Every gateway opens to it. This goes on record as yours.",
    reason: null,
  },
  decline: {
    title: "Turn the release down",
    label: "Keep contained",
    body: "The agent stays contained. Anybody may ask again.",
    reason: "Why not",
  },
} as const;

function ReleaseDialog({
  open,
  containment,
  onClose,
}: {
  open: Open;
  containment: ContainmentView;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const options = {
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries(trpc.incidents.pathFilter()),
  };
  const request = useMutation(trpc.containment.requestRelease.mutationOptions(options));
  const decline = useMutation(trpc.containment.declineRelease.mutationOptions(options));
  const release = useMutation(trpc.containment.release.mutationOptions(options));
  const runRelease = useSteppedUp(release);
  if (!open) return null;
  const text = TEXTS[open];
  const act = { request, decline, release }[open];
  const containmentId = containment.id;
  const confirm = (reason: string) => {
    if (open === "release") void runRelease({ containmentId });
    else if (open === "request") request.mutate({ containmentId, reason });
    else decline.mutate({ containmentId, reason });
  };
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`${text.title}: ${containment.agent.name}`}
      confirmLabel={text.label}
      danger={open === "release"}
      {...(open === "release"
        ? { typed: { label: "Name of the agent", expected: containment.agent.name } }
        : {})}
      {...(text.reason ? { reason: { label: text.reason } } : {})}
      pending={act.isPending}
      error={act.error}
      onConfirm={confirm}
    >
      <p style={{ margin: 0 }}>{text.body}</p>
    </ConfirmDialog>
  );
}
