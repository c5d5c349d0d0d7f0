"use client";

import { Button, Group, Modal, NumberInput, Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { LearningKind } from "#server/layers/monitoring/learning-schema.ts";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import page from "../../ui/page.module.css";
import { ReasonField } from "../../ui/reason-field.tsx";
import { readUtc } from "./learning-words.ts";
import { UtcField } from "./utc-field.tsx";

export type Opening = { kind: LearningKind; version?: number };
type Props = { agent: string; opening: Opening | null; onClose: () => void };

const KINDS: readonly { value: LearningKind; label: string; means: string }[] = [
  {
    value: "exclude",
    label: "Keep an interval out of learning",
    means: "Its minutes are not learnt from until two people let them back in.",
  },
  {
    value: "readmit",
    label: "Let an interval back in",
    means: "Refused where an alert in it was closed as a true positive.",
  },
  {
    value: "relearn",
    label: "Learn anew",
    means: "Follows what has changed. With a start, learns from then on alone, once there is enough.",
  },
  {
    value: "rollback",
    label: "Go back to an earlier version",
    means: "The agent is scored by it at once, and it stays until two people unpin it.",
  },
  { value: "unpin", label: "Unpin the version in use", means: "The duty learns anew each day again." },
];

/** Proposes a change of what an agent is learnt from or scored by. Somebody else decides. */
export function ProposeLearning({ agent, opening, onClose }: Props) {
  return (
    <Modal
      opened={opening !== null}
      onClose={onClose}
      title={`Change what ${agent} is scored by`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {opening ? <Form agent={agent} opening={opening} onClose={onClose} /> : null}
    </Modal>
  );
}

function Form({ agent, opening, onClose }: Props & { opening: Opening }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [kind, setKind] = useState<LearningKind>(opening.kind);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [version, setVersion] = useState<number | string>(opening.version ?? "");
  const [reason, setReason] = useState("");
  const propose = useMutation(
    trpc.behaviour.propose.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.behaviour.pathFilter()),
    }),
  );
  const interval = kind === "exclude" || kind === "readmit";
  const ready =
    reason.trim().length >= 3 &&
    (!interval || (readUtc(from) !== null && readUtc(to) !== null)) &&
    (kind !== "rollback" || typeof version === "number");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    propose.mutate({
      ...{ agent, kind, reason },
      from: interval || kind === "relearn" ? readUtc(from) : null,
      to: interval ? readUtc(to) : null,
      version: kind === "rollback" && typeof version === "number" ? version : null,
    });
  };
  return (
    <form onSubmit={submit} className={page.form}>
      <Select
        label="Change"
        description={KINDS.find(({ value }) => value === kind)?.means}
        data={KINDS.map(({ value, label }) => ({ value, label }))}
        value={kind}
        onChange={(value) => setKind(value as LearningKind)}
        allowDeselect={false}
      />
      {interval || kind === "relearn" ? (
        <UtcField
          label="From"
          description={kind === "relearn" ? "UTC; empty learns from all that is clean" : "UTC"}
          value={from}
          onChange={setFrom}
          required={interval}
        />
      ) : null}
      {interval ? <UtcField label="To" value={to} onChange={setTo} required /> : null}
      {kind === "rollback" ? (
        <NumberInput
          label="Version"
          value={version}
          onChange={setVersion}
          min={1}
          allowDecimal={false}
          required
        />
      ) : null}
      <ReasonField value={reason} onChange={setReason} />
      <p className="muted" style={{ margin: 0 }}>
        Nothing changes until somebody who is neither you nor an owner of the agent has agreed.
      </p>
      <ActionError error={propose.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={propose.isPending} disabled={!ready}>
          Propose
        </Button>
      </Group>
    </form>
  );
}
