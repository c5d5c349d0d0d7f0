"use client";

import { Button, Group, MultiSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ROLES, type Role } from "#server/access/permissions.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import classes from "./settings.module.css";

/** Makes an account with a temporary password, which is shown once. */
export function AddPerson({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [roles, setRoles] = useState<Role[]>([]);
  const create = useMutation(
    trpc.users.create.mutationOptions({ onSettled: () => client.invalidateQueries(trpc.users.pathFilter()) }),
  );
  const run = useSteppedUp(create);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    void run({ name: String(fields.get("name")), email: String(fields.get("email")), roles });
  };
  if (create.data)
    return (
      <div className={classes.form}>
        <p style={{ margin: 0 }}>
          Give this password to the person. It is shown once; they change it under Settings.
        </p>
        <CopyText text={create.data.temporaryPassword} label="temporary password" />
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </div>
    );
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput label="Name" name="name" required data-autofocus />
      <TextInput label="E-mail" name="email" type="email" required />
      <MultiSelect
        label="Roles"
        data={[...ROLES]}
        value={roles}
        onChange={(value) => setRoles(value as Role[])}
      />
      <ActionError error={create.error} />
      <Group justify="flex-end">
        <Button type="submit" loading={create.isPending}>
          Add person
        </Button>
      </Group>
    </form>
  );
}
