"use client";

import { Button, Group, Menu, Modal, MultiSelect } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ROLES, type Role } from "#server/access/permissions.ts";
import { useSteppedUp } from "../access/step-up.tsx";
import { useOperator } from "../shell/operator.tsx";
import { useTRPC } from "../trpc/client.ts";
import type { AppOutput } from "../trpc/output.ts";
import { ActionError } from "../ui/action-error.tsx";
import classes from "./settings.module.css";

type Person = AppOutput["users"]["managed"][number];

/** What an administrator may change of another person. Nobody changes themselves here. */
export function PersonMenu({ person }: { person: Person }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const { id } = useOperator();
  const options = { onSettled: () => client.invalidateQueries(trpc.users.pathFilter()) };
  const disable = useMutation(trpc.users.disable.mutationOptions(options));
  const enable = useMutation(trpc.users.enable.mutationOptions(options));
  const reset = useMutation(trpc.users.resetTotp.mutationOptions(options));
  const runDisable = useSteppedUp(disable);
  const runEnable = useSteppedUp(enable);
  const runReset = useSteppedUp(reset);
  const [changing, setChanging] = useState(false);
  if (person.id === id) return <span className="muted">you</span>;
  const userId = person.id;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="compact-xs" variant="default" aria-label={`Change ${person.name}`}>
            Change…
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setChanging(true)}>Roles…</Menu.Item>
          {person.hasTotp ? (
            <Menu.Item onClick={() => void runReset({ userId })}>Take away the second factor</Menu.Item>
          ) : null}
          {person.disabled ? (
            <Menu.Item onClick={() => void runEnable({ userId })}>Enable</Menu.Item>
          ) : (
            <Menu.Item color="red" onClick={() => void runDisable({ userId })}>
              Disable and end sessions
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ActionError error={disable.error ?? enable.error ?? reset.error} />
      <Modal
        opened={changing}
        onClose={() => setChanging(false)}
        title={`Roles of ${person.name}`}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <RolesForm person={person} onClose={() => setChanging(false)} />
      </Modal>
    </>
  );
}

function RolesForm({ person, onClose }: { person: Person; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [roles, setRoles] = useState<Role[]>(person.roles);
  const change = useMutation(
    trpc.users.changeRoles.mutationOptions({
      onSuccess: onClose,
      onSettled: () => client.invalidateQueries(trpc.users.pathFilter()),
    }),
  );
  const run = useSteppedUp(change);
  return (
    <div className={classes.form}>
      <MultiSelect
        label="Roles"
        data={[...ROLES]}
        value={roles}
        onChange={(value) => setRoles(value as Role[])}
      />
      <ActionError error={change.error} />
      <Group justify="flex-end">
        <Button loading={change.isPending} onClick={() => void run({ userId: person.id, roles })}>
          Save roles
        </Button>
      </Group>
    </div>
  );
}
