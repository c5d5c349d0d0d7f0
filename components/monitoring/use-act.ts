"use client";

import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { AlertActionName } from "#server/layers/monitoring/alert-actions-schema.ts";
import type { AlertActView, BulkName } from "#server/layers/monitoring/alert-work-schema.ts";
import type { AlertFilter, AlertView } from "#server/layers/monitoring/schema.ts";
import { useOperator } from "../shell/operator.tsx";
import { useTRPC, useTRPCClient } from "../trpc/client.ts";
import { alertName } from "../ui/format.ts";

/** What an act is about: alerts as they were seen, or all that a filter showed at an instant. */
export type Targets =
  | { alerts: readonly AlertView[] }
  | { filter: Omit<AlertFilter, "cursor" | "limit">; asOf: Date; count: number };
export type Asked = { action: AlertActionName; targets: Targets; params?: Record<string, unknown> };

/** Answers without progress before an act is left to be sent again. */
const IDLE_ANSWERS_MAX = 20;

export const targetCount = (targets: Targets): number =>
  "alerts" in targets ? targets.alerts.length : targets.count;

/**
 * Does what an action asks. One alert goes by its own verb, with the version that was seen: whoever was second is told
 * who was first. Many go as one act, sent again until it is over; `report` then holds what did not come to be.
 */
export function useAct(onDone?: () => void) {
  const trpc = useTRPC();
  const api = useTRPCClient();
  const client = useQueryClient();
  const { id: me } = useOperator();
  const [report, setReport] = useState<AlertActView | null>(null);
  const actId = useRef<string | null>(null);
  const act = useMutation({
    mutationFn: async ({ action, targets, params = {} }: Asked): Promise<string> => {
      const name = action === "take" ? "assign" : action;
      const input = action === "take" ? { ownerId: me } : params;
      const [one] = "alerts" in targets ? targets.alerts : [];
      if (one && targetCount(targets) === 1) {
        const verb = api.alerts[name].mutate as (input: unknown) => Promise<unknown>;
        await verb({ id: one.id, version: one.version, ...input });
        return `${alertName(one.number)}: ${DONE[action]}`;
      }
      // The same id while it fails: what was begun goes on instead of being done twice.
      actId.current ??= crypto.randomUUID();
      const selection =
        "alerts" in targets
          ? { alerts: targets.alerts.map(({ id, version }) => ({ id, version })) }
          : targets;
      let view: AlertActView;
      let idle = 0;
      let waitedFor = Number.POSITIVE_INFINITY;
      do {
        view = await api.alerts.act.mutate({
          actId: actId.current,
          action: name as BulkName,
          params: input,
          selection,
        });
        setReport(view);
        idle = view.waiting < waitedFor ? 0 : idle + 1;
        waitedFor = view.waiting;
      } while (view.waiting > 0 && idle < IDLE_ANSWERS_MAX);
      actId.current = null;
      return `${view.done} of ${view.total}: ${DONE[action]}`;
    },
    onSuccess: (message) => {
      notifications.show({ message, autoClose: 3_000 });
      onDone?.();
    },
    onError: (error: { message: string }) => {
      // What the server refused is settled; only what was lost on the way is sent again under the same id.
      if ("data" in error && error.data) actId.current = null;
      notifications.show({ color: "red", message: error.message, autoClose: 10_000 });
    },
    onSettled: () => client.invalidateQueries(trpc.alerts.pathFilter()),
  });
  return { act, report, dismissReport: () => setReport(null) };
}

const DONE: Record<AlertActionName, string> = {
  acknowledge: "acknowledged",
  take: "yours",
  assign: "assigned",
  close: "closed",
  suppress: "suppressed",
  merge: "merged",
  escalate: "escalated",
  note: "noted",
  reopen: "open again",
  unmerge: "taken apart",
};
