import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import type { Actor } from "../../kernel/actor.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import { mayBeSuppressed } from "./engine/may-be-suppressed.ts";
import {
  countOnMerged,
  countSuppressed,
  divertedTo,
  noteOccurrence,
  type Raised,
  upsertOpenAlert,
} from "./raise-store.ts";
import type { AlertKind, AlertSeverity } from "./schema.ts";
import { agentOfAlert } from "./store.ts";
import { appendTransition } from "./transition-store.ts";

type Raising = {
  agentId: string | null;
  kind: AlertKind;
  rule: string;
  /** What it is about, as `family/detail`: the family groups alerts of several rules. By default the rule alone. */
  cause?: string;
  severity: AlertSeverity;
  title: string;
  detail: Record<string, unknown>;
  score?: number | undefined;
  actor: Actor;
  now: Date;
  /** When given, an open alert counts again only after so long: a standing alarm is not a flood. */
  quietMs?: number;
};

/**
 * Raises an alert in the caller's transaction. One agent, rule and cause have one alert that is not closed: raising it
 * again counts, and keeps the higher severity and score. While it is suppressed it counts on the suppression alone, and
 * where its like was merged into another that is not closed, it counts there. The caller has decided that there is
 * reason to.
 *
 * @returns the alert, or the one that it was counted for, and whether it is new.
 */
export async function raiseAlert(tx: Tx, alert: Raising): Promise<{ alertId: string; isNew: boolean }> {
  const { now, quietMs = 0, cause = "", actor: _actor, ...said } = alert;
  const row = { ...said, cause, id: uuidv7(now.getTime()), score: said.score ?? null, now, quietMs };
  const { agentId } = alert;
  const diverted = agentId === null ? null : await divertedTo(tx, { agentId, rule: said.rule, cause, now });
  if (diverted?.kind === "suppressed" && mayBeSuppressed(alert).allowed) {
    await countSuppressed(tx, diverted.id, now);
    await notify(tx, "alert", diverted.alertId);
    return { alertId: diverted.alertId, isNew: false };
  }
  const raised: Raised =
    diverted?.kind === "merged"
      ? {
          ...{ id: diverted.alertId, number: diverted.number, isNew: false },
          counted: await countOnMerged(tx, diverted.alertId, row),
        }
      : await upsertOpenAlert(tx, row);
  if (raised.isNew) await recordRaised(tx, alert, raised);
  if (raised.counted) {
    await noteOccurrence(tx, { alertId: raised.id, severity: said.severity, score: row.score, now });
    await notify(tx, "alert", raised.id);
  }
  return { alertId: raised.id, isNew: raised.isNew };
}

async function recordRaised(tx: Tx, alert: Raising, { id, number }: Raised): Promise<void> {
  const { kind, rule, cause, severity, title, score, actor, now } = alert;
  await appendTransition(tx, {
    ...{ alertId: id, kind: "raised", before: null, after: "open", actor, now },
    detail: { severity },
  });
  await appendRecord(tx, {
    kind: "alert.raised",
    actor,
    now,
    ...(await agentOfAlert(tx, alert.agentId)),
    details: { alertId: id, number, kind, rule, cause, severity, title, score },
    subjects: [`alert:${id}`],
  });
}
