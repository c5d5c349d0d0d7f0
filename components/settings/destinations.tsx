"use client";

import { Button, Checkbox, Group, Modal, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import type { AppOutput } from "../trpc/output.ts";
import { ActionError } from "../ui/action-error.tsx";
import { Badge } from "../ui/badge.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { EmptyState } from "../ui/notices.tsx";
import page from "../ui/page.module.css";
import { Panel } from "../ui/panel.tsx";
import classes from "./settings.module.css";

type Destination = AppOutput["destinations"]["list"][number];

/** Outside systems that are told of containments, incidents and clocks, with what waits for each. */
export function Destinations() {
  const trpc = useTRPC();
  const destinations = useQuery(trpc.destinations.list.queryOptions());
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="Webhooks"
      note={
        <Button size="compact-xs" variant="default" onClick={() => setAdding(true)}>
          New webhook…
        </Button>
      }
      flush
    >
      <Loaded query={destinations} what="the webhooks" rows={2}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState title="Nobody outside is told">
              Add the address of your pager or SIEM: it gets every containment, incident and clock alarm,
              signed.
            </EmptyState>
          ) : (
            <DataTable
              label="Webhooks"
              rows={rows}
              rowKey={(one) => one.id}
              columns={[
                { key: "name", header: "Name", render: (one) => one.name },
                { key: "url", header: "Address", wideOnly: true, grow: true, render: (one) => one.url },
                { key: "state", header: "State", render: (one) => <DeliveryState destination={one} /> },
                { key: "act", header: "", align: "right", render: (one) => <Acts destination={one} /> },
              ]}
            />
          )
        }
      </Loaded>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title="New webhook"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <NewDestination onClose={() => setAdding(false)} />
      </Modal>
    </Panel>
  );
}

function DeliveryState({ destination }: { destination: Destination }) {
  const { enabled, dead, waiting, oldestAt, lastError } = destination;
  if (!enabled) return <Badge tone="neutral">off</Badge>;
  if (dead > 0) return <Badge tone="critical">{dead} given up</Badge>;
  if (waiting === 0) return <Badge tone="ok">all delivered</Badge>;
  return (
    <span title={lastError ?? undefined}>
      <Badge tone={lastError ? "high" : "medium"}>{waiting} waiting</Badge>{" "}
      {oldestAt ? <Instant at={oldestAt} as="age" /> : null}
    </span>
  );
}

function Acts({ destination: { id, name, enabled, dead } }: { destination: Destination }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries(trpc.destinations.pathFilter());
  const turn = useMutation(trpc.destinations.switch.mutationOptions({ onSettled }));
  const resend = useMutation(trpc.destinations.resend.mutationOptions({ onSettled }));
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {dead > 0 ? (
        <Button
          size="compact-xs"
          loading={resend.isPending}
          aria-label={`Send again to ${name}`}
          onClick={() => resend.mutate({ destinationId: id })}
        >
          Send again
        </Button>
      ) : null}
      <Button
        size="compact-xs"
        variant="default"
        loading={turn.isPending}
        aria-label={`${enabled ? "Turn off" : "Turn on"} ${name}`}
        onClick={() => turn.mutate({ destinationId: id, enabled: !enabled })}
      >
        {enabled ? "Turn off" : "Turn on"}
      </Button>
    </Group>
  );
}

function NewDestination({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const add = useMutation(
    trpc.destinations.add.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.destinations.pathFilter()),
    }),
  );
  const run = useSteppedUp(add);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    void run({
      name: String(fields.get("name")),
      url: String(fields.get("url")),
      allowPrivate: fields.get("private") !== null,
    });
  };
  if (add.data)
    return (
      <div className={classes.form}>
        <p style={{ margin: 0 }}>
          Every message is signed with this secret (HMAC-SHA-256 over “time.body”, header Vigil-Signature). It
          is shown once.
        </p>
        <code className={page.secret}>{add.data.secret}</code>
        <CopyText text={add.data.secret} shown="Copy the secret" label="webhook secret" />
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </div>
    );
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput label="Name" name="name" placeholder="Who is told" required maxLength={80} data-autofocus />
      <TextInput label="Address" name="url" type="url" placeholder="https://…" required maxLength={2_000} />
      <Checkbox
        name="private"
        label="It is inside the bank's network"
        description="Without this, loopback and private addresses are refused"
      />
      <ActionError error={add.error} />
      <Group justify="flex-end">
        <Button type="submit" loading={add.isPending}>
          Add webhook
        </Button>
      </Group>
    </form>
  );
}
