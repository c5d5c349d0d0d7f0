import { and, asc, desc, eq, ne } from "drizzle-orm";
import type { Database, Tx } from "../../../db/client.ts";
import { alertTransitions } from "../../../db/schema/index.ts";
import { type Actor, actorRecord } from "../../kernel/actor.ts";
import { type TransitionView, transitionView } from "./alert-work-schema.ts";
import { transitionWords } from "./engine/transition-words.ts";
import type { AlertStatus } from "./schema.ts";

const TRANSITIONS_SHOWN = 500;

/** Writes down what was done to an alert, in the transaction that did it. */
export async function appendTransition(
  tx: Tx,
  done: {
    alertId: string;
    kind: string;
    before: AlertStatus | null;
    after: AlertStatus;
    detail: Record<string, unknown>;
    actor: Actor;
    now: Date;
  },
): Promise<void> {
  const { name, id, type } = actorRecord(done.actor);
  await tx.insert(alertTransitions).values({
    alertId: done.alertId,
    at: done.now,
    kind: done.kind,
    actor: name,
    actorId: type === "operator" ? id : null,
    statusBefore: done.before,
    statusAfter: done.after,
    detail: done.detail,
  });
}

/** What was done to an alert, oldest first. */
export async function transitionsOf(db: Database | Tx, alertId: string): Promise<TransitionView[]> {
  const rows = await db
    .select()
    .from(alertTransitions)
    .where(eq(alertTransitions.alertId, alertId))
    .orderBy(asc(alertTransitions.id))
    .limit(TRANSITIONS_SHOWN);
  return rows.map(view);
}

/** What was done to an alert last; null where nothing is written of it. */
export async function lastTransitionOf(db: Database | Tx, alertId: string): Promise<TransitionView | null> {
  const [row] = await db
    .select()
    .from(alertTransitions)
    .where(eq(alertTransitions.alertId, alertId))
    .orderBy(desc(alertTransitions.id))
    .limit(1);
  return row ? view(row) : null;
}

/** What state an alert was in when it was merged last. */
export async function statusBeforeMerge(tx: Tx, alertId: string): Promise<AlertStatus> {
  const [row] = await tx
    .select({ before: alertTransitions.statusBefore })
    .from(alertTransitions)
    .where(
      and(
        eq(alertTransitions.alertId, alertId),
        eq(alertTransitions.kind, "merged"),
        ne(alertTransitions.statusBefore, "closed"),
      ),
    )
    .orderBy(desc(alertTransitions.id))
    .limit(1);
  return row?.before === "acknowledged" ? "acknowledged" : "open";
}

function view(row: typeof alertTransitions.$inferSelect): TransitionView {
  const detail = row.detail as Record<string, unknown>;
  return transitionView.parse({ ...row, words: transitionWords({ kind: row.kind, detail }) });
}
