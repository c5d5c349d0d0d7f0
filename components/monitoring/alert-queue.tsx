"use client";

import { useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { permits } from "#server/access/permissions.ts";
import {
  ALERT_ACTIONS,
  type AlertAction,
  type AlertActionName,
  actionsFor,
} from "#server/layers/monitoring/alert-actions-schema.ts";
import type { AlertGroup } from "#server/layers/monitoring/alert-work-schema.ts";
import type { AlertFilter } from "#server/layers/monitoring/schema.ts";
import { useOperator } from "../shell/operator.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { isSingleKey } from "../ui/use-row-keys.ts";
import { ActDialog } from "./act-dialog.tsx";
import { ActReport } from "./act-report.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { queueColumns } from "./queue-columns.tsx";
import { groupName, type QueueRow, queueRows } from "./shown-groups.ts";
import { type Asked, type Targets, useAct } from "./use-act.ts";
import { alertsOf, useChosen } from "./use-chosen.ts";

type Props = {
  groups: readonly AlertGroup[];
  filter: AlertFilter;
  total: number;
  asOf: Date;
  /** The alert whose detail is open beside the table. */
  open: number | null;
  onNew: () => void;
};

/** The rows of the queue, what is chosen of them, and the keys of the registry on both. */
export function AlertQueue({ groups, filter, total, asOf, open, onNew }: Props) {
  const params = useSearchParams();
  const { roles } = useOperator();
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [everything, setEverything] = useState<{ asOf: Date; count: number } | null>(null);
  const [asked, setAsked] = useState<Omit<Asked, "params"> | null>(null);
  const rows = queueRows(groups, unfolded);
  const { chosen, isChosen, choose, clear } = useChosen(rows);
  const clearAll = () => {
    clear();
    setEverything(null);
  };
  const { act, report, dismissReport } = useAct(clearAll);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isSingleKey(event) && event.key === ".") onNew();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [onNew]);
  const permitted = ({ needs }: AlertAction) => needs.every((need) => permits(roles, need));
  const begin = (name: AlertActionName, row: QueueRow | null) => {
    const action = ALERT_ACTIONS.find((one) => one.name === name);
    const targets = targetsOf(
      name,
      everything
        ? { filter, ...everything }
        : { alerts: chosen.length > 0 ? chosen : row ? alertsOf(row) : [] },
      roles,
    );
    if (!action || !targets || act.isPending) return;
    // Many at once are always asked for: one press is for what stands under the eyes.
    if (action.asks === "nothing" && "alerts" in targets) act.mutate({ action: name, targets });
    else setAsked({ action: name, targets });
  };
  const unfold = ({ group }: QueueRow) => {
    if (!group) return;
    const next = new Set(unfolded);
    if (!next.delete(groupName(group))) next.add(groupName(group));
    setUnfolded(next);
  };
  const href = ({ alert }: QueueRow) => {
    const next = new URLSearchParams(params);
    next.set("alert", String(alert.number));
    return `/alerts?${next}`;
  };
  const mayAct = ALERT_ACTIONS.some((action) => action.bulk && permitted(action));
  const columns = queueColumns({ isChosen: mayAct ? isChosen : null, choose, unfolded, unfold });
  const keyed = ALERT_ACTIONS.flatMap(({ key, name }) =>
    key ? [[key, (row: QueueRow) => begin(name, row)] as const] : [],
  );
  return (
    <>
      {chosen.length > 0 || everything ? (
        <BulkBar
          chosen={chosen}
          total={everything?.count ?? total}
          all={everything !== null}
          onAll={() => setEverything({ asOf, count: total })}
          onClear={clearAll}
          allowed={permitted}
          onAct={(name) => begin(name, null)}
          pending={act.isPending}
        />
      ) : null}
      <DataTable
        label="Alerts"
        columns={open === null ? columns : columns.filter((column) => !column.key.startsWith("extra"))}
        rows={rows}
        rowKey={(row) => row.key}
        rowHref={href}
        selected={open === null ? null : String(open)}
        rowActions={
          mayAct
            ? Object.fromEntries([
                ...keyed,
                ["x", (row: QueueRow) => choose(row, false)],
                ["X", (row: QueueRow) => choose(row, true)],
                ["o", unfold],
              ])
            : { o: unfold }
        }
      />
      <ActDialog asked={asked} onClose={() => setAsked(null)} doing={act} />
      <ActReport report={report} onClose={dismissReport} />
    </>
  );
}

/** What an action is about: of alerts that are named, those whose state allows it; null where there is none. */
function targetsOf(name: AlertActionName, targets: Targets, roles: readonly string[]): Targets | null {
  if (!("alerts" in targets)) {
    const { cursor: _cursor, limit: _limit, ...filter } = targets.filter as AlertFilter;
    return { ...targets, filter };
  }
  const alerts = targets.alerts.filter((alert) =>
    actionsFor(alert, (need) => permits(roles, need)).some((action) => action.name === name),
  );
  return alerts.length > 0 ? { alerts } : null;
}
