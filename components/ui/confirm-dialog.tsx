"use client";

import { Button, Group, Modal, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { ActionError } from "./action-error.tsx";

type Props = {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will happen, in words, before anything does. */
  children: ReactNode;
  confirmLabel: string;
  danger?: boolean;
  /** When set, this exact text must be typed: for acts that stop something. */
  typed?: { label: string; expected: string };
  /** When set, a reason is asked for and goes into the audit record. */
  reason?: { label: string; placeholder?: string };
  pending: boolean;
  error: { message: string } | null;
  onConfirm: (reason: string) => void;
};

/** Asks before an act that is not easily undone: what will happen, why, and the name typed where it matters. */
export function ConfirmDialog(props: Props) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      size="md"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <ConfirmForm {...props} />
    </Modal>
  );
}

function ConfirmForm({ children, typed, reason, pending, error, ...props }: Props) {
  const [name, setName] = useState("");
  const [why, setWhy] = useState("");
  const ready = (!typed || name === typed.expected) && (!reason || why.trim().length > 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !pending) props.onConfirm(why.trim());
  };
  return (
    <form onSubmit={submit}>
      {children}
      {reason ? (
        <Textarea
          mt="md"
          label={reason.label}
          placeholder={reason.placeholder}
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
              event.currentTarget.form?.requestSubmit();
          }}
          autosize
          minRows={2}
          maxLength={2_000}
          required
          data-autofocus
        />
      ) : null}
      {typed ? (
        <TextInput
          mt="md"
          label={typed.label}
          description={`Type ${typed.expected}`}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          required
        />
      ) : null}
      <ActionError error={error} />
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
        <Button type="submit" color={props.danger ? "red" : undefined} disabled={!ready} loading={pending}>
          {props.confirmLabel}
        </Button>
      </Group>
    </form>
  );
}
