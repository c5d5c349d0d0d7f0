"use client";

import { Button, Group, Modal } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { Instant } from "../ui/instant.tsx";
import page from "../ui/page.module.css";

type Props = { name: string; opened: boolean; onClose: () => void };

/** Makes the one-time token with which an agent enrols; it is shown once. */
export function JoinToken({ name, opened, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Join token for ${name}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <TokenForm name={name} onClose={onClose} />
    </Modal>
  );
}

function TokenForm({ name, onClose }: { name: string; onClose: () => void }) {
  const trpc = useTRPC();
  const create = useMutation(trpc.agents.createJoinToken.mutationOptions());
  if (create.data)
    return (
      <div className={page.form}>
        <p style={{ margin: 0 }}>
          Start the agent with this token. It works once, ends{" "}
          <Instant at={create.data.expiresAt} as="future" />, and is shown only here.
        </p>
        <code className={page.secret}>{create.data.joinToken}</code>
        <CopyText text={create.data.joinToken} shown="Copy the token" label="join token" />
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </div>
    );
  return (
    <>
      <p style={{ marginTop: 0 }}>
        The agent makes its own five key pairs and sends requests for certificates; no private key ever leaves
        it. The token also carries the root's fingerprint, so that the agent trusts this Vigil and no other.
      </p>
      <ActionError error={create.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={create.isPending} onClick={() => create.mutate({ name })}>
          Create token
        </Button>
      </Group>
    </>
  );
}
