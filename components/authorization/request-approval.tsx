"use client";

import { Button, Group, Modal, Select, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import type { ScopeRule } from "#server/layers/authorization/policy-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import page from "../ui/page.module.css";
import { durationWords, shorterDurations } from "./duration.ts";
import { LimitFields } from "./limit-fields.tsx";
import { draftFaults, draftOf, limitsOf, sumWords } from "./limit-words.ts";

type Props = { opened: boolean; onClose: () => void; agent: string | null };

/** Asks for a scope on an agent's behalf: for what, for how long, why. Somebody else decides. */
export function RequestApproval({ opened, onClose, agent }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Request a scope for an agent"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <RequestForm onClose={onClose} agent={agent} />
    </Modal>
  );
}

function RequestForm({ onClose, agent }: { onClose: () => void; agent: string | null }) {
  const trpc = useTRPC();
  const router = useRouter();
  const policy = useQuery(trpc.grants.policy.queryOptions());
  const agents = useQuery(trpc.agents.list.queryOptions({ limit: 100 }, { enabled: agent === null }));
  const [name, setName] = useState(agent);
  const [scope, setScope] = useState<string | null>(null);
  const [seconds, setSeconds] = useState<number | null>(null);
  const [limits, setLimits] = useState(draftOf(null));
  const request = useMutation(trpc.approvals.request.mutationOptions());
  const rules = (policy.data?.scopes ?? []).filter((rule) => rule.secondsMax !== null);
  const rule = rules.find((one) => one.scope === scope);
  const limit = rule?.secondsMax ?? 3_600;
  const faults = draftFaults(limits);
  const sound = faults.max === null && faults.resources === null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    if (!name || !scope) return;
    request.mutate(
      {
        agent: name,
        scope,
        durationSeconds: seconds ?? limit,
        resource: String(fields.get("resource")).trim() || null,
        limits: limitsOf(limits, rule?.amounts?.currency ?? null),
        reason: String(fields.get("reason")),
      },
      { onSuccess: ({ approvalId }) => router.push(`/approvals/${approvalId}`) },
    );
  };
  return (
    <form onSubmit={submit} className={page.form}>
      {agent === null ? (
        <Select
          label="Agent"
          data={(agents.data?.agents ?? []).map((one) => one.name)}
          value={name}
          onChange={setName}
          searchable
          required
        />
      ) : null}
      <Select
        label="Scope"
        data={rules.map((one) => ({ value: one.scope, label: `${one.scope}: ${one.title}` }))}
        value={scope}
        onChange={(value) => {
          setScope(value);
          setSeconds(null);
        }}
        required
      />
      <Select
        label="Duration"
        description={
          rule ? `At most ${durationWords(limit)}, counted from the approval` : "Choose a scope first"
        }
        disabled={!rule}
        data={shorterDurations(limit).map((one) => ({ value: String(one), label: durationWords(one) }))}
        value={String(seconds ?? limit)}
        onChange={(value) => setSeconds(Number(value))}
        allowDeselect={false}
      />
      {rule ? (
        <LimitFields
          draft={limits}
          onChange={setLimits}
          sum={sumOf(rule)}
          resources={{ description: "Accounts, batches or paths; what is below one ends in /*. Empty: any" }}
        />
      ) : null}
      <TextInput
        label="For what"
        name="resource"
        placeholder="A batch, a case, a customer request"
        maxLength={200}
      />
      <Textarea label="Reason" name="reason" required minLength={3} maxLength={1_000} autosize minRows={2} />
      <ActionError error={request.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={request.isPending} disabled={!name || !scope || !sound}>
          Send request
        </Button>
      </Group>
    </form>
  );
}

/** How far one may ask, and from where on other people decide. */
function sumOf({ amounts }: ScopeRule): { currency: string; description: string } | null {
  if (!amounts) return null;
  const { currency, max, escalation } = amounts;
  const beyond = escalation
    ? ` Beyond ${sumWords({ max: escalation.above, currency })} within ${durationWords(escalation.withinSeconds)}, all requests together, others decide.`
    : "";
  return { currency, description: `For each action; up to ${sumWords({ max, currency })}.${beyond}` };
}
