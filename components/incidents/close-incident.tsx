"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { IncidentDetail } from "#server/incidents/views.ts";
import { useTRPC } from "../trpc/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";

type Props = { incident: IncidentDetail; opened: boolean; onClose: () => void };

/** Closes an incident with what was learnt, or opens a closed one again. */
export function CloseIncident({ incident, opened, onClose }: Props) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const options = {
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries(trpc.incidents.pathFilter()),
  };
  const close = useMutation(trpc.incidents.close.mutationOptions(options));
  const reopen = useMutation(trpc.incidents.reopen.mutationOptions(options));
  const closing = incident.status === "open";
  const act = closing ? close : reopen;
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={`${closing ? "Close" : "Reopen"} ${incident.name}`}
      confirmLabel={closing ? "Close incident" : "Reopen incident"}
      reason={{ label: closing ? "What was learnt" : "Why it opens again" }}
      pending={act.isPending}
      error={act.error}
      onConfirm={(reason) =>
        act.mutate({ incidentId: incident.id, expectedVersion: incident.version, reason })
      }
    >
      <p style={{ margin: 0 }}>
        {closing
          ? "The incident's history stays as it is, and it can be opened again."
          : "The incident goes on where it was; its history stays as it is."}
      </p>
    </ConfirmDialog>
  );
}
