"use client";

import { useState } from "react";
import { ALERT_ACTIONS } from "#server/layers/monitoring/alert-actions-schema.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { alertName } from "../ui/format.ts";
import { serverNowMs } from "../ui/server-clock.ts";
import { ActFields, type Draft, paramsOf } from "./act-fields.tsx";
import { type Asked, type Targets, targetCount, type useAct } from "./use-act.ts";

type Props = {
  asked: Omit<Asked, "params"> | null;
  onClose: () => void;
  doing: ReturnType<typeof useAct>["act"];
};

/** Asks what an action needs to know, says how many it is about, and does it. */
export function ActDialog({ asked, onClose, doing }: Props) {
  if (!asked) return null;
  return <AskedDialog key={asked.action} asked={asked} onClose={onClose} doing={doing} />;
}

function AskedDialog({ asked, onClose, doing }: Props & { asked: Omit<Asked, "params"> }) {
  const [draft, setDraft] = useState<Draft>({ disposition: "true-positive", hours: "24", scope: "rule" });
  const action = ALERT_ACTIONS.find(({ name }) => name === asked.action);
  if (!action) return null;
  const label = action.label.replace("…", "");
  const wantsReason = !["nothing", "owner"].includes(action.asks);
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`${label}: ${about(asked.targets)}`}
      confirmLabel={label}
      {...(wantsReason && { reason: { label: action.asks === "text" ? "Note" : "Reason" } })}
      pending={doing.isPending}
      error={doing.error}
      onConfirm={(reason) =>
        doing.mutate(
          { ...asked, params: paramsOf(action.asks, draft, reason, serverNowMs()) },
          { onSuccess: onClose },
        )
      }
    >
      <ActFields asks={action.asks} draft={draft} onChange={setDraft} targets={asked.targets} />
    </ConfirmDialog>
  );
}

function about(targets: Targets): string {
  const count = targetCount(targets);
  const [one] = "alerts" in targets ? targets.alerts : [];
  if (one && count === 1) return alertName(one.number);
  return "alerts" in targets ? `${count} alerts` : `all ${count} that match`;
}
