"use client";

import { Button, Group, Modal, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { CRITICALITIES } from "#server/layers/identity/schema.ts";
import type { ShadowAgent } from "#server/layers/identity/shadow-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import type { AppInput } from "../trpc/output.ts";
import { ActionError } from "../ui/action-error.tsx";
import { toWords } from "../ui/format.ts";
import page from "../ui/page.module.css";
import { ScopePicker } from "./scope-picker.tsx";

type Criticality = (typeof CRITICALITIES)[number];

type Props = {
  onClose: () => void;
  /** The unknown identity that is registered: the form begins with the name it suggests, and the two are linked. */
  finding?: ShadowAgent;
};

/** Registers an agent: its name for good, who answers for it, where it stands and what it may always do. */
export function RegisterAgent({ opened, ...props }: Props & { opened: boolean }) {
  return (
    <Modal
      opened={opened}
      onClose={props.onClose}
      title="Register an agent"
      size="md"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <RegisterForm {...props} />
    </Modal>
  );
}

function RegisterForm({ onClose, finding }: Props) {
  const trpc = useTRPC();
  const router = useRouter();
  const people = useQuery(trpc.users.list.queryOptions());
  const map = useQuery(trpc.isolation.map.queryOptions());
  const [ownerId, setOwnerId] = useState<string | null>(null);
  const [zone, setZone] = useState<string | null>("a");
  const [criticality, setCriticality] = useState<Criticality>("standard");
  const [scopes, setScopes] = useState<string[]>([]);
  const { mutate, error, isPending } = useRegistration(finding);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const name = String(fields.get("name"));
    mutate(
      { name, title: String(fields.get("title")), ownerId, zone: zone ?? "a", criticality, scopes },
      { onSuccess: () => router.push(`/agents/${name}`) },
    );
  };
  return (
    <form onSubmit={submit} className={page.form}>
      <TextInput
        label="Name"
        name="name"
        description="Lower-case letters, digits and hyphens. It becomes the identifier and is never used again."
        required
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        defaultValue={finding?.suggestedName ?? ""}
        pattern="[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?"
      />
      <TextInput label="What it does" name="title" maxLength={120} autoComplete="off" />
      <Select
        label="Owner"
        description="The person who answers for it. Owners never approve their own agent's requests."
        data={(people.data ?? [])
          .filter((p) => !p.disabled)
          .map((p) => ({ value: p.id, label: `${p.name} (${p.email})` }))}
        value={ownerId}
        onChange={setOwnerId}
        searchable
        clearable
      />
      <Group grow align="flex-start">
        <Select
          label="Zone"
          data={(map.data?.zones ?? []).map((z) => ({
            value: z.name,
            label: `${z.name.toUpperCase()}: ${z.title}`,
          }))}
          value={zone}
          onChange={setZone}
          allowDeselect={false}
        />
        <Select
          label="Criticality"
          data={CRITICALITIES.map((value) => ({ value, label: toWords(value) }))}
          value={criticality}
          onChange={(value) => setCriticality((value as Criticality | null) ?? "standard")}
          allowDeselect={false}
        />
      </Group>
      <ScopePicker value={scopes} onChange={setScopes} />
      <ActionError error={error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending}>
          Register agent
        </Button>
      </Group>
    </form>
  );
}

type Registration = AppInput["agents"]["register"];
type Outcome = { onSuccess: () => void };

/** Registers an agent, and where it was a finding, links the finding to it in the same act. */
function useRegistration(finding: ShadowAgent | undefined) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const plain = useMutation(trpc.agents.register.mutationOptions());
  const linked = useMutation(
    trpc.shadowAgents.register.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.shadowAgents.pathFilter()),
    }),
  );
  const { error, isPending } = finding ? linked : plain;
  const mutate = (agent: Registration, outcome: Outcome) =>
    finding
      ? linked.mutate({ id: finding.id, version: finding.version, agent }, outcome)
      : plain.mutate(agent, outcome);
  return { mutate, error, isPending };
}
