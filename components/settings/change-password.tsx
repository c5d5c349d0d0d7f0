"use client";

import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./settings.module.css";

/** Changes one's own password; the sessions elsewhere end with it. */
export function ChangePassword() {
  const trpc = useTRPC();
  const change = useMutation(trpc.access.changePassword.mutationOptions());
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    change.mutate(
      { current: String(fields.get("current")), next: String(fields.get("next")) },
      { onSuccess: () => form.reset() },
    );
  };
  return (
    <Panel title="Password">
      <form className={classes.form} onSubmit={submit}>
        <PasswordInput label="Current password" name="current" autoComplete="current-password" required />
        <PasswordInput
          label="New password"
          name="next"
          description="12 characters or more"
          autoComplete="new-password"
          minLength={12}
          required
        />
        <ActionError error={change.error} />
        {change.isSuccess ? <p role="status">Changed.</p> : null}
        <div>
          <Button type="submit" variant="default" loading={change.isPending}>
            Change password
          </Button>
        </div>
      </form>
    </Panel>
  );
}
