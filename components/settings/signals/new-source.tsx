"use client";

import { Button, Checkbox, Group, NumberInput, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import {
  AUTHS_OF,
  HOOKS_PATH,
  SIGNAL_KINDS,
  type SignalAuth,
  type SignalKind,
} from "#server/layers/monitoring/signal-schema.ts";
import { useSteppedUp } from "../../access/step-up.tsx";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import classes from "../settings.module.css";
import { ShownSecret } from "./shown-secret.tsx";
import { AUTH_WORDS, KIND_WORDS } from "./source-words.ts";

/** Makes a source: what it is, how it proves itself, and from when on its silence is an alarm. */
export function NewSource({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [kind, setKind] = useState<SignalKind>("falcosidekick");
  const [auth, setAuth] = useState<SignalAuth>("bearer");
  const [minutes, setMinutes] = useState<number | string>("");
  const make = useMutation(
    trpc.signals.make.mutationOptions({
      onSettled: () => client.invalidateQueries(trpc.signals.pathFilter()),
    }),
  );
  const run = useSteppedUp(make);
  const chooseKind = (chosen: SignalKind) => {
    setKind(chosen);
    setAuth(AUTHS_OF[chosen][0] ?? "bearer");
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    void run({
      ...{ kind, auth, name: String(fields.get("name")), findUnknown: fields.get("find") !== null },
      silentAfterSeconds: minutes === "" ? null : Math.round(Number(minutes) * 60),
    });
  };
  if (make.data && make.variables)
    return (
      <ShownSecret
        secret={make.data.secret ?? make.data.joinToken ?? ""}
        auth={make.variables.auth}
        hook={`${window.location.origin}${HOOKS_PATH}/${make.variables.name}`}
        onClose={onClose}
      />
    );
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        label="Name"
        description="Part of its address and of its alerts; stays for good"
        name="name"
        placeholder="falco-cluster-1"
        pattern="[a-z0-9]([a-z0-9\-]{0,30}[a-z0-9])?"
        title="1 to 32 lower-case letters, digits and hyphens"
        required
        maxLength={32}
        data-autofocus
      />
      <Select
        label="What sends"
        data={SIGNAL_KINDS.map((value) => ({ value, label: KIND_WORDS[value] }))}
        value={kind}
        allowDeselect={false}
        onChange={(value) => chooseKind(value as SignalKind)}
      />
      <Select
        label="How it proves itself"
        data={AUTHS_OF[kind].map((value) => ({ value, label: AUTH_WORDS[value] }))}
        value={auth}
        allowDeselect={false}
        onChange={(value) => setAuth(value as SignalAuth)}
      />
      <NumberInput
        label="Minutes of silence that are an alarm"
        description="Empty where it may be silent"
        min={1}
        max={43_200}
        value={minutes}
        onChange={setMinutes}
      />
      <Checkbox
        name="find"
        defaultChecked
        label="Whom it tells of and Vigil does not know is a finding"
        description="Otherwise the signal is kept, and no more"
      />
      <ActionError error={make.error} />
      <Group justify="flex-end">
        <Button type="submit" loading={make.isPending}>
          Make source
        </Button>
      </Group>
    </form>
  );
}
