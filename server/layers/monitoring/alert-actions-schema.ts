import type { Permission } from "../../access/permissions.ts";
import type { AlertStatus } from "./schema.ts";

/** What an action asks of a person before it is done. */
export type Asks = "nothing" | "owner" | "verdict" | "until" | "target" | "incident" | "reason" | "text";

/**
 * Everything that is done to an alert: the one table that rows, the bulk bar, the detail, the command palette and
 * the sheet of keys are made from. A key that would end something opens a dialog first.
 */
export const ALERT_ACTIONS = [
  act("acknowledge", "Acknowledge", { key: "e", from: ["open"], bulk: true }),
  act("take", "Assign to me", { key: "a", bulk: true }),
  act("assign", "Assign to…", { bulk: true, asks: "owner" }),
  act("close", "Close with verdict…", { key: "c", bulk: true, asks: "verdict" }),
  act("suppress", "Suppress until…", { key: "s", bulk: true, asks: "until" }),
  act("merge", "Merge into…", { key: "m", bulk: true, asks: "target" }),
  act("escalate", "Escalate to incident…", {
    key: "i",
    bulk: true,
    asks: "incident",
    needs: ["alerts.triage", "incidents.work"],
  }),
  act("note", "Add note…", { key: "n", from: ["open", "acknowledged", "closed"], asks: "text" }),
  act("reopen", "Reopen…", { from: ["closed"], asks: "reason", merged: false }),
  act("unmerge", "Take apart again…", { from: ["closed"], asks: "reason", merged: true }),
] as const;

export type AlertActionName =
  | "acknowledge"
  | "take"
  | "assign"
  | "close"
  | "suppress"
  | "merge"
  | "escalate"
  | "note"
  | "reopen"
  | "unmerge";

export type AlertAction = {
  name: AlertActionName;
  label: string;
  /** A single key on the focused or chosen rows; null for none. */
  key: string | null;
  from: readonly AlertStatus[];
  /** Whether it wants an alert that is part of another, or one that is not; undefined: either. */
  merged?: boolean | undefined;
  needs: readonly Permission[];
  bulk: boolean;
  asks: Asks;
};

/** The actions that an alert's state and a person's permissions allow. */
export function actionsFor(
  alert: { status: AlertStatus; mergedInto: unknown },
  permits: (permission: Permission) => boolean,
): AlertAction[] {
  return ALERT_ACTIONS.filter(
    ({ from, merged, needs }) =>
      from.includes(alert.status) &&
      (merged === undefined || merged === (alert.mergedInto !== null)) &&
      needs.every(permits),
  );
}

function act(name: AlertActionName, label: string, more: Partial<AlertAction>): AlertAction {
  return {
    name,
    label,
    key: null,
    from: ["open", "acknowledged"],
    needs: ["alerts.triage"],
    bulk: false,
    asks: "nothing",
    ...more,
  };
}
