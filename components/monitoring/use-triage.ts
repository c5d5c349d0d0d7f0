"use client";

import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { AlertView } from "#server/layers/monitoring/schema.ts";
import { useOperator } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import { alertName } from "../ui/format.ts";

/**
 * The quick acts of triage, by key or button. Each carries the version that was seen: whoever was second is
 * told, by the server, who was first, and the alert is read anew.
 */
export function useTriage() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { id } = useOperator();
  const settle = {
    onSettled: () => client.invalidateQueries(trpc.alerts.pathFilter()),
    onError: (error: { message: string }) => notifications.show({ color: "red", message: error.message }),
  };
  const acknowledging = useMutation(trpc.alerts.acknowledge.mutationOptions(settle));
  const assigning = useMutation(trpc.alerts.assign.mutationOptions(settle));
  const say = (message: string) => notifications.show({ message, autoClose: 2_500 });
  return {
    pending: acknowledging.isPending || assigning.isPending,
    acknowledge: (alert: AlertView) => {
      if (alert.status !== "open") return;
      acknowledging.mutate(
        { id: alert.id, version: alert.version },
        { onSuccess: () => say(`${alertName(alert.number)} acknowledged`) },
      );
    },
    take: (alert: AlertView) => {
      if (alert.status === "closed" || alert.owner?.id === id) return;
      assigning.mutate(
        { id: alert.id, version: alert.version, ownerId: id },
        { onSuccess: () => say(`${alertName(alert.number)} is yours`) },
      );
    },
    assign: (alert: AlertView, ownerId: string | null) =>
      assigning.mutate({ id: alert.id, version: alert.version, ownerId }),
  };
}
