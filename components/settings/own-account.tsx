"use client";

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTRPC } from "../trpc/client.ts";
import { ActionError } from "../ui/action-error.tsx";
import { Badge } from "../ui/badge.tsx";
import { CodeDialog } from "../ui/code-dialog.tsx";
import { CopyText } from "../ui/copy-text.tsx";
import { Instant } from "../ui/instant.tsx";
import { Loaded } from "../ui/loaded.tsx";
import { Facts } from "../ui/page-head.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./settings.module.css";

/** Who one is here, and the second factor without which nothing sensitive can be done. */
export function OwnAccount() {
  const trpc = useTRPC();
  const me = useQuery(trpc.access.me.queryOptions());
  return (
    <Panel title="Your account">
      <Loaded query={me} what="your account" rows={4}>
        {(data) => (
          <div style={{ display: "grid", gap: 14 }}>
            <Facts
              facts={[
                ["Name", data.name],
                ["E-mail", data.email],
                ["Roles", data.roles.join(", ") || "none"],
                [
                  "Second factor",
                  <Badge key="totp" tone={data.hasTotp ? "ok" : "high"}>
                    {data.hasTotp ? "authenticator app" : "none"}
                  </Badge>,
                ],
                [
                  "Session ends",
                  data.sessionExpiresAt ? <Instant key="ends" at={data.sessionExpiresAt} as="future" /> : "—",
                ],
              ]}
            />
            {data.hasTotp ? null : <EnrolTotp />}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function EnrolTotp() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const [confirming, setConfirming] = useState(false);
  const start = useMutation(trpc.access.startTotp.mutationOptions());
  const confirm = useMutation(
    trpc.access.confirmTotp.mutationOptions({
      onSuccess: async () => {
        setConfirming(false);
        await client.invalidateQueries(trpc.access.me.pathFilter());
        router.refresh();
      },
    }),
  );
  if (!start.data)
    return (
      <div>
        <p style={{ margin: "0 0 10px" }}>
          Voting, releasing, determining and managing people ask for the code of an authenticator app.
        </p>
        <Button loading={start.isPending} onClick={() => start.mutate()}>
          Set up authenticator
        </Button>
        <ActionError error={start.error} />
      </div>
    );
  return (
    <div className={classes.enrol}>
      <p>Add this key to your authenticator app. It is shown once.</p>
      <CopyText
        text={start.data.secret}
        shown={start.data.secret.replace(/(.{4})/g, "$1 ").trim()}
        label="authenticator key"
      />
      <a href={start.data.uri}>Open in an authenticator on this device</a>
      <Button onClick={() => setConfirming(true)}>Enter its code</Button>
      <CodeDialog
        opened={confirming}
        onClose={() => setConfirming(false)}
        title="Confirm the authenticator"
        pending={confirm.isPending}
        error={confirm.error}
        onCode={(code) => confirm.mutate({ code })}
      >
        Enter the six digits that the app shows for Vigil.
      </CodeDialog>
    </div>
  );
}
