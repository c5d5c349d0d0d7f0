"use client";

import { Button, Group, Modal, MultiSelect } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { FEATURES, type FeatureKey } from "#server/layers/monitoring/schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import page from "../../ui/page.module.css";
import { ReasonField } from "../../ui/reason-field.tsx";
import { readUtc } from "./learning-words.ts";
import { UtcField } from "./utc-field.tsx";

type Props = { opened: boolean; onClose: () => void };

/** Plans maintenance for named agents and causes. Somebody else approves it. */
export function PlanMaintenance({ opened, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Plan maintenance"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Form onClose={onClose} />
    </Modal>
  );
}

function Form({ onClose }: Pick<Props, "onClose">) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const names = useQuery(trpc.agents.list.queryOptions({}));
  const [agents, setAgents] = useState<string[]>([]);
  const [causes, setCauses] = useState<string[]>([]);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [reason, setReason] = useState("");
  const plan = useMutation(
    trpc.maintenance.plan.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.maintenance.pathFilter()),
    }),
  );
  const startsAt = readUtc(from);
  const endsAt = readUtc(to);
  const ready = agents.length > 0 && causes.length > 0 && startsAt && endsAt && reason.trim().length >= 3;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (startsAt && endsAt) plan.mutate({ agents, causes: causes as FeatureKey[], startsAt, endsAt, reason });
  };
  return (
    <form onSubmit={submit} className={page.form}>
      <p style={{ margin: 0 }}>
        Once a second person has approved it, and while it runs, these agents are limited instead of contained
        for these causes, at most a day. Forbidden data and alerts on credentials contain them all the same.
      </p>
      <MultiSelect
        label="Agents"
        data={(names.data?.agents ?? []).map(({ name }) => name)}
        value={agents}
        onChange={setAgents}
        searchable
        required
      />
      <MultiSelect
        label="Causes"
        data={FEATURES.map(({ key, title }) => ({ value: key, label: title }))}
        value={causes}
        onChange={setCauses}
        required
      />
      <UtcField label="From" value={from} onChange={setFrom} required />
      <UtcField label="To" description="UTC, at most 24 hours later" value={to} onChange={setTo} required />
      <ReasonField value={reason} onChange={setReason} />
      <ActionError error={plan.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={plan.isPending} disabled={!ready}>
          Plan
        </Button>
      </Group>
    </form>
  );
}
