"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../../trpc/client.ts";
import { ActionError } from "../../ui/action-error.tsx";
import { CopyText } from "../../ui/copy-text.tsx";
import { Instant } from "../../ui/instant.tsx";
import page from "../../ui/page.module.css";
import { type Draft, enrolCommands } from "./draft.ts";
import classes from "./enrolment.module.css";

/** It is registered: the token with which it enrols, and what to run where it will live. */
export function Registered({ draft, onAnother }: { draft: Draft; onAnother: () => void }) {
  const trpc = useTRPC();
  const token = useMutation(trpc.agents.createJoinToken.mutationOptions());
  const { name, scopes } = draft;
  return (
    <div className={page.form}>
      {token.data ? (
        <>
          <p style={{ margin: 0 }}>
            The token works once, ends <Instant at={token.data.expiresAt} as="future" />, and is shown only
            here.
          </p>
          <code className={page.secret}>{token.data.joinToken}</code>
          <CopyText text={token.data.joinToken} shown="Copy the token" label="join token" />
          <p style={{ margin: 0 }}>
            Run this where the agent will live. The first command waits for the token: paste it, then end the
            input with Enter and Ctrl-D. No private key ever leaves that machine.
          </p>
          <pre className={classes.command}>
            {enrolCommands({ name, scopes, enrolUrl: token.data.enrolUrl })}
          </pre>
          <CopyText
            text={enrolCommands({ name, scopes, enrolUrl: token.data.enrolUrl })}
            shown="Copy the commands"
            label="commands"
          />
        </>
      ) : (
        <>
          <p style={{ margin: 0 }}>
            {name} has a name, a DID and its scopes. It proves itself once it has enrolled, with a one-time
            token.
          </p>
          <ActionError error={token.error} />
          <div>
            <Button loading={token.isPending} onClick={() => token.mutate({ name })}>
              Create its join token
            </Button>
          </div>
        </>
      )}
      <div className={classes.buttons}>
        <Button component={Link} href={`/agents/${name}`} variant="default">
          Open {name}
        </Button>
        <Button variant="subtle" onClick={onAnother}>
          Register another
        </Button>
      </div>
    </div>
  );
}
