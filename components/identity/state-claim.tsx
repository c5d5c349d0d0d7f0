"use client";

import { Button, Checkbox, Group, Modal, Select, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { ClaimValue, ClaimView, FactsView } from "#server/layers/identity/facts-schema.ts";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { toWords } from "../ui/format.ts";
import page from "../ui/page.module.css";
import { CLAIM_FIELDS, CLAIM_NAMES, type Field, firstValue, isComplete, sentValue } from "./facts-words.ts";

type Props = { facts: FactsView; claim: ClaimView; onClose: () => void };

/** States a claim, or another value for it; who states it does not attest it. */
export function StateClaim(props: Props) {
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={`State: ${CLAIM_NAMES[props.claim.claim].toLowerCase()}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <StateForm {...props} />
    </Modal>
  );
}

function StateForm({ facts, claim, onClose }: Props) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const registered = claim.claim === "owner" ? { owner_id: facts.ownerId ?? "" } : null;
  const [value, setValue] = useState<ClaimValue>(registered ?? firstValue(claim.claim, claim.value));
  const state = useMutation(
    trpc.facts.state.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.facts.pathFilter()),
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { digest: replaces } = claim;
    state.mutate({ name: facts.agent, claim: claim.claim, value: sentValue(claim.claim, value), replaces });
  };
  return (
    <form onSubmit={submit} className={page.form}>
      <p style={{ margin: 0 }}>
        {registered
          ? `As the register has it: ${facts.ownerEmail ?? facts.ownerId}. `
          : "It goes on record as yours, so somebody else attests it. "}
        {claim.value ? "Attestations of the value before stop counting at once." : null}
      </p>
      {CLAIM_FIELDS[claim.claim].map((field) => (
        <Member
          key={field.name}
          field={field}
          value={value[field.name]}
          onChange={(member) => setValue((before) => ({ ...before, [field.name]: member }))}
        />
      ))}
      <ActionError error={state.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={state.isPending} disabled={!isComplete(claim.claim, value)}>
          State
        </Button>
      </Group>
    </form>
  );
}

type MemberProps = {
  field: Field;
  value: ClaimValue[string] | undefined;
  onChange: (value: string | string[] | boolean) => void;
};

function Member({ field, value, onChange }: MemberProps) {
  const { label, required } = field;
  if (field.kind === "choice")
    return (
      <Select
        label={label}
        data={field.options.map((option) => ({ value: option, label: toWords(option) }))}
        value={String(value)}
        onChange={(chosen) => onChange(chosen ?? "")}
        allowDeselect={false}
        required={required}
      />
    );
  if (field.kind === "list")
    return (
      <TagsInput
        size="xs"
        label={label}
        description="Enter after each"
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={onChange}
        acceptValueOnBlur
        required={required}
      />
    );
  if (field.kind === "flag")
    return (
      <Checkbox
        label={label}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  return (
    <TextInput
      label={label}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={120}
      autoComplete="off"
      required={required}
    />
  );
}
