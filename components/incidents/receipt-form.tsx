"use client";

import { Button, Group, Modal, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { ClockView } from "#server/incidents/views.ts";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import page from "../ui/page.module.css";
import { useNow } from "../ui/server-clock.ts";
import { utcField, utcInstant } from "./worksheet-words.ts";

type Props = { clock: ClockView; opened: boolean; onClose: () => void };

/** Records that the agency received the notice: the only thing that stops a clock. A late one is recorded as late. */
export function ReceiptForm({ clock, opened, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Receipt of ${clock.contact.agency}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Form clock={clock} onClose={onClose} />
    </Modal>
  );
}

function Form({ clock, onClose }: Omit<Props, "opened">) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const now = useNow();
  const [at, setAt] = useState(() => utcField(now));
  const record = useMutation(
    trpc.incidents.recordReceipt.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.incidents.pathFilter()),
    }),
  );
  const receivedAt = utcInstant(at);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    if (receivedAt)
      record.mutate({
        clockId: clock.id,
        receivedAt,
        reference: String(fields.get("reference")),
        evidence: String(fields.get("evidence")),
      });
  };
  return (
    <form onSubmit={submit} className={page.form}>
      <TextInput
        type="datetime-local"
        label="Received at (UTC)"
        value={at}
        onChange={(event) => setAt(event.currentTarget.value)}
        required
      />
      <TextInput
        label="What the agency answered with"
        name="reference"
        placeholder="A name, a ticket, a message id"
        required
        maxLength={500}
      />
      <Textarea
        label="Evidence"
        description="The answer itself: the text of the mail, the note of the call"
        name="evidence"
        required
        maxLength={20_000}
        autosize
        minRows={3}
        maxRows={12}
      />
      <ActionError error={record.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={record.isPending} disabled={!receivedAt}>
          Record receipt and stop the clock
        </Button>
      </Group>
    </form>
  );
}
