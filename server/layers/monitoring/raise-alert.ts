import type { Tx } from "../../../db/client.ts";
import { notify } from "../../../db/listen.ts";
import type { Actor } from "../../kernel/actor.ts";
import { uuidv7 } from "../../kernel/ids.ts";
import { appendRecord } from "../audit/append.ts";
import type { AlertKind, AlertSeverity } from "./schema.ts";
import { agentOfAlert, upsertOpenAlert } from "./store.ts";

/**
 * Raises an alert in the caller's transaction. One agent and rule have one alert that is not closed: raising it again
 * counts, and keeps the higher severity and score. The caller has decided that there is reason to.
 *
 * @param alert.quietMs when given, an open alert counts again only after so long: a standing alarm is not a flood.
 * @returns the alert, and whether it is new.
 */
export async function raiseAlert(
  tx: Tx,
  alert: {
    agentId: string | null;
    kind: AlertKind;
    rule: string;
    severity: AlertSeverity;
    title: string;
    detail: Record<string, unknown>;
    score?: number | undefined;
    actor: Actor;
    now: Date;
    quietMs?: number;
  },
): Promise<{ alertId: string; isNew: boolean }> {
  const { actor, now, quietMs = 0, ...said } = alert;
  const { id, number, isNew, counted } = await upsertOpenAlert(tx, {
    ...said,
    id: uuidv7(now.getTime()),
    score: said.score ?? null,
    now,
    quietMs,
  });
  if (isNew)
    await appendRecord(tx, {
      kind: "alert.raised",
      actor,
      now,
      ...(await agentOfAlert(tx, alert.agentId)),
      details: {
        alertId: id,
        number,
        kind: said.kind,
        rule: said.rule,
        severity: said.severity,
        title: said.title,
        score: said.score,
      },
      subjects: [`alert:${id}`],
    });
  if (counted) await notify(tx, "alert", id);
  return { alertId: id, isNew };
}
