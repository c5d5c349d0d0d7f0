"use client";

import { Button } from "@mantine/core";
import {
  ALERT_ACTIONS,
  type AlertAction,
  type AlertActionName,
} from "#server/layers/monitoring/alert-actions-schema.ts";
import type { AlertView } from "#server/layers/monitoring/schema.ts";
import { Kbd } from "../ui/kbd.tsx";
import classes from "./alerts.module.css";

type Props = {
  chosen: readonly AlertView[];
  /** How many match in all; `all` says that every one of them is meant. */
  total: number;
  all: boolean;
  onAll: () => void;
  onClear: () => void;
  allowed: (action: AlertAction) => boolean;
  onAct: (action: AlertActionName) => void;
  pending: boolean;
};

/** What may be done with what is chosen: every action of the registry that takes many. */
export function BulkBar({ chosen, total, all, onAll, onClear, allowed, onAct, pending }: Props) {
  const count = all ? total : chosen.length;
  return (
    <section className={classes.bulk} aria-label="Chosen alerts">
      <strong role="status">
        {count} {all ? "matching" : "chosen"}
      </strong>
      {!all && total > chosen.length ? (
        <Button variant="subtle" size="compact-sm" onClick={onAll}>
          Choose all {total} that match
        </Button>
      ) : null}
      {ALERT_ACTIONS.filter((action) => action.bulk && allowed(action)).map((action) => (
        <Button
          key={action.name}
          variant="default"
          size="compact-sm"
          loading={pending}
          onClick={() => onAct(action.name)}
        >
          {action.label}
          {action.key ? (
            <span aria-hidden style={{ marginLeft: 6 }}>
              <Kbd>{action.key}</Kbd>
            </span>
          ) : null}
        </Button>
      ))}
      <Button variant="subtle" size="compact-sm" onClick={onClear}>
        Choose none
      </Button>
    </section>
  );
}
