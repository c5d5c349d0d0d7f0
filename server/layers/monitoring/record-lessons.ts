import { z } from "zod";
import type { Tx } from "../../../db/client.ts";
import { verdictLessons } from "../../../db/schema/index.ts";
import type { Actor } from "../../kernel/actor.ts";
import { mailboxOf } from "../../kernel/same-person.ts";
import { ownersAbove } from "./allowance-store.ts";
import { type ALERT_DISPOSITIONS, type AlertView, contribution } from "./schema.ts";

/** Causes of one alert that a verdict is about: those that were named first. */
const CAUSES_MAX = 4;
const UUID = z.uuid().nullable().catch(null);

/**
 * Writes what a verdict on an alert of a score says of each of its causes, in the caller's transaction. Harmless said
 * by an owner of the agent, or of one above it, teaches nothing; an attack said by anybody does.
 */
export async function recordLessons(
  tx: Tx,
  lesson: {
    alert: AlertView;
    disposition: (typeof ALERT_DISPOSITIONS)[number];
    actor: Actor;
    now: Date;
  },
): Promise<void> {
  const { alert, disposition, actor, now } = lesson;
  const causes = z.array(contribution).safeParse(alert.detail.contributions);
  if (!alert.agent || alert.rule !== "behaviour-score" || !causes.success || actor.type !== "operator")
    return;
  const person = mailboxOf(actor.email);
  const agentId = alert.agent.id;
  if (disposition !== "true-positive" && (await ownersAbove(tx, agentId)).has(person)) return;
  const flagged = causes.data.filter(({ flag }) => flag !== null).slice(0, CAUSES_MAX);
  if (flagged.length === 0) return;
  await tx
    .insert(verdictLessons)
    .values(
      flagged.map(({ feature, value, deviations }) => ({
        ...{ alertId: alert.id, agentId, feature, disposition, value, deviations },
        ...{ score: alert.score ?? 0, byUser: actor.id, person, at: now },
        baselineId: UUID.parse(alert.detail.baselineId ?? null),
      })),
    )
    .onConflictDoNothing();
}
