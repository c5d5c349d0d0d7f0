import type { z } from "zod";
import type { VerbContext } from "../../access/verb-context.ts";
import { actorRecord } from "../../kernel/actor.ts";
import { canonicalBytes, type Json } from "../../kernel/canonical.ts";
import { ensure } from "../../kernel/ensure.ts";
import { ConflictError } from "../../kernel/errors.ts";
import { appendRecord } from "../../layers/audit/append.ts";
import type { actOnAlertsInput } from "../../layers/monitoring/alert-work-schema.ts";
import { lastTransitionOf } from "../../layers/monitoring/transition-store.ts";
import { chosenBy, findAct, insertAct, insertItems, settleItem } from "./store.ts";

type Asked = z.output<typeof actOnAlertsInput>;

/**
 * Writes down an act on many alerts and what it is about, once: the same act sent again is found as it stands. Alerts
 * that others changed after what was shown are left out, with who did.
 *
 * @throws ConflictError `act_of_other` for an id that stands for something else, `selection_grew` where more alerts match
 * than were shown.
 */
export async function beginAct(ctx: VerbContext, asked: Asked): Promise<void> {
  const { actor, now } = ctx;
  const { actId, action } = asked;
  const who = actorRecord(actor);
  const input = JSON.parse(JSON.stringify({ params: asked.params, selection: asked.selection })) as Json;
  await ctx.db.transaction(async (tx) => {
    const known = await findAct(tx, actId);
    const same =
      known?.action === action &&
      known.actorId === who.id &&
      canonicalBytes(known.input as Json).equals(canonicalBytes(input));
    if (known && !same)
      throw new ConflictError("act_of_other", "This id stands for another act. Choose a new one.");
    if (known) return;
    const { items, moved, missing } = await choose(tx, ctx, asked);
    const row = { id: actId, action, input, actor: who.name, actorId: who.id, createdAt: now };
    if (!(await insertAct(tx, { ...row, total: items.length, missing }))) return;
    await insertItems(
      tx,
      items.map((item, position) => ({ actId, position, ...item })),
    );
    for (const alertId of moved) {
      const last = await lastTransitionOf(tx, alertId);
      await settleItem(
        tx,
        { actId, alertId },
        { outcome: "changed", by: last?.actor, detail: last?.words, now },
      );
    }
    await appendRecord(tx, {
      kind: "alerts.acted-on",
      actor,
      now,
      details: { actId, action, total: items.length, missing, params: asked.params },
      subjects: [`act:${actId}`],
    });
  });
}

type Tx = Parameters<typeof insertItems>[0];
type Choice = { items: { alertId: string; version: number }[]; moved: string[]; missing: number };

async function choose(tx: Tx, ctx: VerbContext, { selection, params }: Asked): Promise<Choice> {
  const target = typeof params.intoId === "string" ? params.intoId : null;
  if ("alerts" in selection) {
    const byId = new Map(selection.alerts.map(({ id, version }) => [id, version]));
    const items = [...byId].map(([alertId, version]) => ({ alertId, version }));
    return { items: items.filter(({ alertId }) => alertId !== target), moved: [], missing: 0 };
  }
  const { filter, asOf, count } = selection;
  ensure(ctx.actor.type === "operator", "a person acts on alerts");
  const asking = { personId: ctx.actor.id, now: asOf };
  const found = await chosenBy(tx, { filter, asking, limit: count + 1 });
  if (found.length > count)
    throw new ConflictError(
      "selection_grew",
      `${count} alerts were shown, and more match now. Look at the list again before you decide.`,
      { shown: count },
    );
  const chosen = found.filter(({ id }) => id !== target);
  const moved: string[] = [];
  for (const { id, changedAt } of chosen)
    if (changedAt && changedAt > asOf && !(await changedBy(tx, id, ctx.actor.id))) moved.push(id);
  const items = chosen.map(({ id, version }) => ({ alertId: id, version }));
  return { items, moved, missing: count - found.length };
}

/** What the person did themselves in between is no surprise to them. */
async function changedBy(tx: Tx, alertId: string, personId: string): Promise<boolean> {
  return (await lastTransitionOf(tx, alertId))?.actorId === personId;
}
