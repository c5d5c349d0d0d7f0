"use client";

import { Button, Group, Modal, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ActionError } from "./action-error.tsx";

type Props = {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  pending: boolean;
  error: { message: string } | null;
  onCode: (code: string) => void;
};

const DIGITS = 6;

/** Asks for the six digits of an authenticator; the last digit sends them. */
export function CodeDialog(props: Props) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      size="sm"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <CodeForm {...props} />
    </Modal>
  );
}

function CodeForm({ onClose, children, pending, error, onCode }: Props) {
  const [code, setCode] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (code.length === DIGITS) onCode(code);
      }}
    >
      <div className="muted" style={{ marginBottom: 14 }}>
        {children}
      </div>
      <TextInput
        label="Authenticator code"
        description={`${DIGITS} digits`}
        value={code}
        onChange={(event) => {
          const next = event.currentTarget.value.replace(/\D/g, "").slice(0, DIGITS);
          setCode(next);
          if (next.length === DIGITS && next !== code) onCode(next);
        }}
        inputMode="numeric"
        autoComplete="one-time-code"
        data-autofocus
        disabled={pending}
        classNames={{ input: "mono" }}
      />
      <ActionError error={error} />
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={code.length !== DIGITS} loading={pending}>
          Confirm
        </Button>
      </Group>
    </form>
  );
}
