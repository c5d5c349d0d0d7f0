"use client";

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ActionError } from "../ui/action-error.tsx";
import classes from "./entry.module.css";
import { postJson } from "./post-json.ts";
import { returnPath } from "./return-path.ts";

/** Signs in with e-mail and password, then goes where the person wanted to go. */
export function SignInForm({ next }: { next: string | undefined }) {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<{ message: string } | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setPending(true);
    setError(null);
    const answer = await postJson("/api/auth/sign-in/email", {
      email: String(fields.get("email")),
      password: String(fields.get("password")),
    });
    if (answer.ok) return window.location.assign(returnPath(next));
    setPending(false);
    setError({ message: answer.message });
  };
  return (
    <form className={classes.form} onSubmit={submit} method="post" aria-labelledby="sign-in-title">
      <h1 id="sign-in-title">Sign in</h1>
      <TextInput
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        required
        size="sm"
        autoFocus
        spellCheck={false}
      />
      <PasswordInput label="Password" name="password" autoComplete="current-password" required size="sm" />
      <ActionError error={error} />
      <Button type="submit" size="sm" loading={pending}>
        Sign in
      </Button>
      <p className="muted">Every sign-in, refused or not, becomes an audit record.</p>
    </form>
  );
}
