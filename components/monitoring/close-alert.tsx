"use client";

import { Radio, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ALERT_DISPOSITIONS, type AlertView } from "#server/layers/monitoring/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { alertName } from "../ui/format.ts";

type Disposition = (typeof ALERT_DISPOSITIONS)[number];

const MEANINGS: Record<Disposition, string> = {
  "true-positive": "True positive: it was what the alert says",
  "false-positive": "False positive: nothing of the kind happened",
  benign: "Benign: it happened, and it was meant to",
};

type Props = { alert: AlertView; opened: boolean; onClose: () => void };

/** Closes an alert with a verdict and a reason: what the next person reads when the rule fires again. */
export function CloseAlert({ alert, opened, onClose }: Props) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [disposition, setDisposition] = useState<Disposition>("true-positive");
  const close = useMutation(
    trpc.alerts.close.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.alerts.pathFilter()),
    }),
  );
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={`Close ${alertName(alert.number)}`}
      confirmLabel="Close alert"
      reason={{ label: "Reason" }}
      pending={close.isPending}
      error={close.error}
      onConfirm={(reason) => close.mutate({ id: alert.id, version: alert.version, disposition, reason })}
    >
      <Radio.Group
        label="Verdict"
        value={disposition}
        onChange={(value) => setDisposition(value as Disposition)}
      >
        <Stack gap="xs" mt="xs">
          {ALERT_DISPOSITIONS.map((value) => (
            <Radio key={value} value={value} label={MEANINGS[value]} />
          ))}
        </Stack>
      </Radio.Group>
    </ConfirmDialog>
  );
}
