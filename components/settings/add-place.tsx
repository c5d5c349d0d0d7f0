"use client";

import { Button, Checkbox, Group, NumberInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import classes from "./settings.module.css";

/** Asks where a network is. */
export function AddPlace({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const add = useMutation(
    trpc.places.add.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.places.pathFilter()),
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    add.mutate({
      name: String(fields.get("name")),
      country: String(fields.get("country")),
      prefix: String(fields.get("prefix")),
      latitude: Number(fields.get("latitude")),
      longitude: Number(fields.get("longitude")),
      kind: fields.get("own") === null ? "other" : "data-centre",
    });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput label="Name" name="name" placeholder="Frankfurt" required maxLength={80} data-autofocus />
      <TextInput label="Network" name="prefix" placeholder="10.20.0.0/16" required maxLength={50} />
      <TextInput
        label="Country"
        description="Two letters"
        name="country"
        placeholder="DE"
        required
        maxLength={2}
      />
      <NumberInput
        label="Latitude"
        description="Degrees, north is positive"
        name="latitude"
        placeholder="50.11"
        required
        min={-90}
        max={90}
        decimalScale={4}
      />
      <NumberInput
        label="Longitude"
        description="Degrees, east is positive"
        name="longitude"
        placeholder="8.68"
        required
        min={-180}
        max={180}
        decimalScale={4}
      />
      <Checkbox
        name="own"
        label="It is one of the bank's own data centres"
        description="Agents may fail over between these at once"
      />
      <ActionError error={add.error} />
      <Group justify="flex-end">
        <Button type="submit" loading={add.isPending}>
          Add place
        </Button>
      </Group>
    </form>
  );
}
