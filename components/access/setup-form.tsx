"use client";

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import classes from "./entry.module.css";

/** Creates the first administrator from the one-time link that the terminal printed. */
export function SetupForm({ token }: { token: string | null }) {
  const trpc = useTRPC();
  const [mismatch, setMismatch] = useState(false);
  const setup = useMutation(
    trpc.access.completeSetup.mutationOptions({ onSuccess: () => window.location.assign("/sign-in") }),
  );
  if (!token)
    return (
      <div className={classes.form}>
        <h1>Set up Vigil</h1>
        <p className="muted">
          This page needs the one-time link that Vigil prints on the terminal at its first start. Open that
          link.
        </p>
      </div>
    );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string) => String(fields.get(name) ?? "");
    const same = text("password") === text("again");
    setMismatch(!same);
    if (same) setup.mutate({ token, name: text("name"), email: text("email"), password: text("password") });
  };
  return (
    <form className={classes.form} onSubmit={submit} method="post" aria-labelledby="setup-title">
      <h1 id="setup-title">Create the administrator</h1>
      <p className="muted">The first person of this console. This link works once.</p>
      <TextInput label="Name" name="name" autoComplete="name" required size="sm" autoFocus />
      <TextInput label="E-mail" name="email" type="email" autoComplete="username" required size="sm" />
      <PasswordInput
        label="Password"
        description="12 characters or more"
        name="password"
        autoComplete="new-password"
        minLength={12}
        required
        size="sm"
      />
      <PasswordInput
        label="Password again"
        name="again"
        autoComplete="new-password"
        required
        size="sm"
        error={mismatch ? "The two passwords differ." : null}
      />
      <ActionError error={setup.error} />
      <Button type="submit" size="sm" loading={setup.isPending}>
        Create administrator
      </Button>
    </form>
  );
}
