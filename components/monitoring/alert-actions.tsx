"use client";

import { Button, Group } from "@mantine/core";
import { useEffect, useState } from "react";
import { permits } from "#server/access/permissions.ts";
import { type AlertActionName, actionsFor } from "#server/layers/monitoring/alert-actions-schema.ts";
import type { AlertView } from "#server/layers/monitoring/schema.ts";
import { useOperator } from "../shell/operator.tsx";
import { isSingleKey } from "../ui/use-row-keys.ts";
import { useUrlParam } from "../ui/use-url-param.ts";
import { ActDialog } from "./act-dialog.tsx";
import { type Asked, useAct } from "./use-act.ts";

/**
 * The actions that this alert's state and the person's roles allow. An address with `act` opens the action's dialog: it
 * never does anything by itself. On its own page the registry's keys work wherever the focus is.
 */
export function AlertActions({ alert, keys }: { alert: AlertView; keys: boolean }) {
  const { roles } = useOperator();
  const [asked, setAsked] = useState<Omit<Asked, "params"> | null>(null);
  const [named, setNamed] = useUrlParam("act");
  const [opened, setOpened] = useState<string | null>(null);
  const { act } = useAct();
  const actions = actionsFor(alert, (need) => permits(roles, need));
  // A dialog is about the alert as it was when it was opened: what changes meanwhile is the server's to tell.
  const targets = { alerts: [alert] };
  const fromAddress = actions.find(({ name }) => name === named);
  if (named !== opened) {
    setOpened(named);
    if (fromAddress) setAsked({ action: fromAddress.name, targets });
  }
  const begin = (name: AlertActionName, asks: string) => {
    if (act.isPending) return;
    if (asks === "nothing") act.mutate({ action: name, targets });
    else setAsked({ action: name, targets });
  };
  useEffect(() => {
    if (!keys) return;
    const onKey = (event: KeyboardEvent) => {
      const action = isSingleKey(event) ? actions.find(({ key }) => key === event.key) : undefined;
      if (action) begin(action.name, action.asks);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
  const close = () => {
    setAsked(null);
    if (named) setNamed(null);
  };
  if (actions.length === 0) return null;
  return (
    <Group gap="xs">
      {actions.map(({ name, label, asks }) => (
        <Button
          key={name}
          variant="default"
          size="compact-sm"
          loading={act.isPending}
          onClick={() => begin(name, asks)}
        >
          {label}
        </Button>
      ))}
      <ActDialog asked={asked} onClose={close} doing={act} />
    </Group>
  );
}
