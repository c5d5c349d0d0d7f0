"use client";

import { Button, Group } from "@mantine/core";
import type { SignalAuth } from "#server/layers/monitoring/signal-schema.ts";
import { CopyText } from "../../ui/copy-text.tsx";
import page from "../../ui/page.module.css";
import classes from "../settings.module.css";

const SAYS: Record<SignalAuth, string> = {
  bearer: "Let it send Authorization: Bearer and this secret.",
  signature: "Let it sign each message with this secret (Standard Webhooks, HMAC-SHA-256).",
  certificate:
    "Enrol it with this token within the hour: vigil agent enrol. It then sends to /v1/signals on the gateway.",
};

/** A source's secret or token, which is shown this once, and where it sends. */
export function ShownSecret(props: { secret: string; auth: SignalAuth; hook: string; onClose: () => void }) {
  const { secret, auth, hook, onClose } = props;
  const what = auth === "certificate" ? "token" : "secret";
  return (
    <div className={classes.form}>
      <p style={{ margin: 0 }}>
        {SAYS[auth]} It is shown once. docs/signals.md has the configuration to copy.
      </p>
      <code className={page.secret}>{secret}</code>
      <CopyText text={secret} shown={`Copy the ${what}`} label={what} />
      {auth === "certificate" ? null : <CopyText text={hook} label="address" />}
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </div>
  );
}
