"use client";

import { Button, Group, Modal, NumberInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { Panel } from "../ui/panel.tsx";
import classes from "./settings.module.css";

/** Keys for scripts. A key may read and triage as its owner may; it can never give a second factor. */
export function ApiKeys() {
  const trpc = useTRPC();
  const keys = useQuery(trpc.access.apiKeys.queryOptions());
  const [making, setMaking] = useState(false);
  return (
    <Panel
      title="API keys"
      note={
        <Button size="compact-xs" variant="default" onClick={() => setMaking(true)}>
          New key…
        </Button>
      }
      flush
    >
      <Loaded query={keys} what="the API keys" rows={2}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="No API keys">
              A script signs in with a key; it can never vote, release or determine.
            </EmptyState>
          ) : (
            <DataTable
              label="API keys"
              rows={rows}
              rowKey={(key) => key.id}
              columns={[
                { key: "name", header: "Name", render: (key) => key.name },
                { key: "owner", header: "Owner", wideOnly: true, render: (key) => key.owner },
                {
                  key: "ends",
                  header: "Ends",
                  render: (key) => (key.expiresAt ? <Instant at={key.expiresAt} as="future" /> : "never"),
                },
                {
                  key: "used",
                  header: "Last used",
                  render: (key) => (key.lastUsedAt ? <Instant at={key.lastUsedAt} as="age" /> : "never"),
                },
                {
                  key: "act",
                  header: "",
                  align: "right",
                  render: (key) => <RevokeKey id={key.id} name={key.name} />,
                },
              ]}
            />
          )
        }
      </Loaded>
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title="New API key"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <NewKey onClose={() => setMaking(false)} />
      </Modal>
    </Panel>
  );
}

function RevokeKey({ id, name }: { id: string; name: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const revoke = useMutation(
    trpc.access.revokeApiKey.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.access.apiKeys.pathFilter()),
    }),
  );
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={`Revoke ${name}`}
      loading={revoke.isPending}
      onClick={() => revoke.mutate({ id })}
    >
      Revoke
    </Button>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [days, setDays] = useState<number | string>(90);
  const create = useMutation(
    trpc.access.createApiKey.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.access.apiKeys.pathFilter()),
    }),
  );
  const run = useSteppedUp(create);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name"));
    void run({ name, expiresInDays: Number(days) });
  };
  if (create.data)
    return (
      <div className={classes.form}>
        <p style={{ margin: 0 }}>This key is shown once and kept nowhere.</p>
        <code className={page.secret}>{create.data.key}</code>
        <CopyText text={create.data.key} shown="Copy the key" label="API key" />
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </div>
    );
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput label="Name" name="name" placeholder="What uses it" required maxLength={80} data-autofocus />
      <NumberInput label="Days until it ends" min={1} max={365} value={days} onChange={setDays} />
      <ActionError error={create.error} />
      <Group justify="flex-end">
        <Button type="submit" loading={create.isPending}>
          Make key
        </Button>
      </Group>
    </form>
  );
}
