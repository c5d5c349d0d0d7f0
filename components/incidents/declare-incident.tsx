"use client";

import { Button, Checkbox, Group, Modal, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { SEVERITIES, type Severity } from "#server/incidents/schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import page from "../ui/page.module.css";

/** Declares an incident by hand, or a drill: which runs the same clocks and reaches nobody outside. */
export function DeclareIncident({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Declare an incident"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <DeclareForm onClose={onClose} />
    </Modal>
  );
}

function DeclareForm({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const router = useRouter();
  const agents = useQuery(trpc.agents.list.queryOptions({ limit: 100 }));
  const [severity, setSeverity] = useState<Severity>("high");
  const [agentId, setAgentId] = useState<string | null>(null);
  const [drill, setDrill] = useState(false);
  const declare = useMutation(trpc.incidents.declare.mutationOptions());
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const title = String(new FormData(event.currentTarget).get("title"));
    declare.mutate(
      { title, severity, drill, ...(agentId ? { agentId } : {}) },
      { onSuccess: ({ number }) => router.push(`/incidents/${number}`) },
    );
  };
  return (
    <form onSubmit={submit} className={page.form}>
      <TextInput label="Title" name="title" required maxLength={200} data-autofocus />
      <Select
        label="Severity"
        data={[...SEVERITIES]}
        value={severity}
        onChange={(value) => setSeverity((value as Severity | null) ?? "high")}
        allowDeselect={false}
      />
      <Select
        label="Agent"
        description="If one is involved"
        data={(agents.data?.agents ?? []).map((agent) => ({ value: agent.id, label: agent.name }))}
        value={agentId}
        onChange={setAgentId}
        searchable
        clearable
      />
      <Checkbox
        label="This is a drill: marked everywhere, and nobody outside is told"
        checked={drill}
        onChange={(event) => setDrill(event.currentTarget.checked)}
      />
      <ActionError error={declare.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={declare.isPending}>
          {drill ? "Start drill" : "Declare incident"}
        </Button>
      </Group>
    </form>
  );
}
